import AscendCL
import Device
import SharedRing
import Wire

/// Settings that AscendCL keeps for a process or a device, which here have several programs.
///
/// - Options of the system (determinism, …) are the program's: launches carry them, and a device is told
///   of them where two launches differ.
/// - Options of the compiler are the program's. Operations by type name, which alone they are for, are
///   not carried.
/// - How a device treats overflow is the device's, for all that runs on it: another mode than its own is
///   refused.
/// - Time limits of operations are accepted and the device keeps its own: a program cannot shorten or
///   lengthen what others rely on.
extension DispatchCore {
    /// Answers a call about a setting; false: it is about something else, and the device library's.
    func answerSetting(
        _ name: String, _ arguments: [QueryArgument], _ operands: QueryOperands,
        _ call: borrowing CallContext
    ) throws(CallRefusal) -> Bool {
        let session = call.session
        switch name {
        case "aclrtSetSysParamOpt", "aclrtCtxSetSysParamOpt":
            try setOption(arguments, ofContext: name == "aclrtCtxSetSysParamOpt", call)
        case "aclrtGetSysParamOpt", "aclrtCtxGetSysParamOpt":
            let isOfContext = name == "aclrtCtxGetSysParamOpt"
            let value = session.settings.option(arguments.number(0), ofContext: isOfContext)
            answer(call, words: [UInt64(bitPattern: value)])
        case "aclSetCompileopt":
            guard case .string(let text)? = arguments.last,
                session.settings.setCompileOption(arguments.number(0), to: text)
            else { throw CallRefusal(AclStatus.invalidParameter, "too many options") }
            answer(call)
        case "aclGetCompileopt", "aclGetCompileoptSize":
            guard let text = session.settings.compileOption(arguments.number(0)) else {
                return false
            }
            try answerText(text, name, arguments, call)
        case "aclrtSetDeviceSatMode":
            ask(
                .query(
                    function: "aclrtGetDeviceSatMode", shape: QueryShape("4"), arguments: []),
                .saturation(park(call), mode: arguments.number(0)),
                on: operands.device.rawValue, of: session)
        case "aclrtSetOpExecuteTimeOut", "aclrtSetOpExecuteTimeOutWithMs", "aclrtSetOpWaitTimeout":
            answer(call)
        case "aclrtSetOpExecuteTimeOutV2": answer(call, words: [arguments.word(0)])
        default: return false
        }
        return true
    }

    private func setOption(
        _ arguments: [QueryArgument], ofContext: Bool, _ call: borrowing CallContext
    ) throws(CallRefusal) {
        let (option, value) = (arguments.number(0), Int64(bitPattern: arguments.word(1)))
        guard call.session.settings.setOption(option, to: value, ofContext: ofContext) else {
            throw CallRefusal(
                AclStatus.invalidParameter,
                "option \(option) with value \(value): options are 0 to "
                    + "\(ClientSettings.optionsEnd - 1), values 0 and 1")
        }
        answer(call)
    }

    private func answerText(
        _ text: [UInt8], _ name: String, _ arguments: [QueryArgument],
        _ call: borrowing CallContext
    ) throws(CallRefusal) {
        if name == "aclGetCompileoptSize" { return answer(call, words: [UInt64(text.count + 1)]) }
        guard arguments.word(1) > UInt64(text.count) else {
            throw CallRefusal(
                AclStatus.invalidParameter,
                "\(arguments.word(1)) bytes are too few for a value of \(text.count)")
        }
        answer(call, bytes: text)
    }

    /// The device has said how it treats overflow.
    func checkSaturation(_ parked: ParkedThread, mode: Int32, _ answer: DeviceAnswer) {
        let own = answer.words.first.map { Int32(truncatingIfNeeded: $0) }
        guard answer.status == 0, own != mode else {
            return self.answer(parked, status: answer.status, bytes: Array(answer.message.utf8))
        }
        self.answer(
            parked,
            CallRefusal(
                AclStatus.featureUnsupported,
                "aclrtSetDeviceSatMode: the device is in mode \(own ?? 0) for all programs that use "
                    + "it; a program that needs mode \(mode) must run without the daemon"))
    }
}

extension [QueryArgument] {
    fileprivate func word(_ index: Int) -> UInt64 {
        if index < count, case .word(let word) = self[index] { word } else { 0 }
    }

    fileprivate func number(_ index: Int) -> Int32 { Int32(truncatingIfNeeded: word(index)) }
}
