import AscendCL
import Device
import LinuxIO
import Scheduling
import SharedRing
import Wire

/// Questions that the device library answers: what goes in and what comes out, by function.
///
/// Sources/CInterposer/README.md, "Queries", has the same table from the program's side.
private let queryShapes: [String: QueryShape] = [
    "aclrtGetVersion": QueryShape("444"),
    "aclsysGetCANNVersion": QueryShape("ib", bufferBytes: 512),
    "aclsysGetVersionStr": QueryShape("sb", bufferBytes: 128),
    "aclsysGetVersionNum": QueryShape("s4"),
    "aclGetCannAttribute": QueryShape("i4"),
    "aclGetDeviceCapability": QueryShape("ii8"),
    "aclrtGetDeviceInfo": QueryShape("ii8"),
    "aclrtGetMemInfo": QueryShape("i88"),
    "aclGetCompileoptSize": QueryShape("i", returnsValue: true),
    "aclSetCompileopt": QueryShape("is"),
    "aclrtGetSysParamOpt": QueryShape("i8"),
    "aclrtSetSysParamOpt": QueryShape("ii"),
    "aclrtCtxGetSysParamOpt": QueryShape("i8"),
    "aclrtCtxSetSysParamOpt": QueryShape("ii"),
    "aclrtDeviceCanAccessPeer": QueryShape("4ii"),
    "aclrtDeviceEnablePeerAccess": QueryShape("ii"),
    "aclrtDeviceGetStreamPriorityRange": QueryShape("44"),
    "aclrtQueryDeviceStatus": QueryShape("i4"),
    "aclrtGetDeviceSatMode": QueryShape("4"),
    "aclrtSetDeviceSatMode": QueryShape("i"),
    "aclrtSetOpExecuteTimeOut": QueryShape("i"),
    "aclrtSetOpExecuteTimeOutWithMs": QueryShape("i"),
    "aclrtSetOpExecuteTimeOutV2": QueryShape("i8"),
    "aclrtGetOpTimeOutInterval": QueryShape("8"),
    "aclrtSetOpWaitTimeout": QueryShape("i"),
    "aclrtSetStreamFailureMode": QueryShape("hi"),
    "HcclSetConfig": QueryShape("ii"),
]

extension DispatchLoop {
    /// [function, current device, in-argument, …] + bytes → words, bytes
    func query(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        let id = FunctionID(rawValue: UInt16(truncatingIfNeeded: record.operand(0)))
        guard record.operandCount >= 2, let function = table[id] else {
            return answer(
                record, of: ring, status: FlexStatus.unsupported, message: "no such question")
        }
        let device = Int32(truncatingIfNeeded: record.operand(1))
        do throws(DeviceError) {
            try runtime.select(devices.contains(device) ? device : devices[0])
            let found = try ask(function.name, record, of: ring, in: session)
            guard found.status == 0 else {
                return answer(
                    record, of: ring, status: found.status,
                    message: runtime.takeErrorMessage() ?? "")
            }
            lastAnswer = 0
            if recorder != nil { lastAnsweredAt = clock.now() }
            ring.consumer.answer(
                sequence: record.sequence, status: 0, words: found.words, bytes: found.bytes)
        } catch {
            answer(record, of: ring, status: error.code, message: error.message)
        }
    }

    private func ask(
        _ name: String, _ record: borrowing RecordView, of ring: SessionRing, in session: Session
    ) throws(DeviceError) -> QueryAnswer {
        switch name {
        case "aclrtEventGetTimestamp":
            guard let event = session.events[record.operand(2)],
                let time = completionTime(of: event)
            else {
                throw DeviceError(
                    code: FlexStatus.invalid, message: "\(name): not recorded, or not complete")
            }
            return QueryAnswer(status: 0, words: [UInt64(time / 1000)], bytes: [])
        case "aclGetCannAttributeList":
            return try attributes()
        case "aclGetCompileopt":
            let length = min(Int(record.operand(3)), 4000)
            let shape = QueryShape("ibi", bufferBytes: length)
            return try operators.query(
                name, shape, [.word(record.operand(2)), .word(UInt64(length))])
        default: break
        }
        guard let shape = queryShapes[name] else {
            throw DeviceError(code: FlexStatus.unsupported, message: "\(name) is not carried")
        }
        var answer = try operators.query(
            name, shape, try arguments(of: shape, record, of: ring, in: session))
        if name == "aclsysGetVersionStr", let end = answer.bytes.firstIndex(of: 0) {
            answer.bytes.removeSubrange(end...)
        }
        return answer
    }

    private func completionTime(of event: EventSlot) -> Nanoseconds? {
        switch scheduler.status(of: event.id) {
        case .complete(let time): time
        case .pending, .unrecorded: nil
        }
    }

    /// The in-arguments: words, the device's own handles for streams, and strings.
    private func arguments(
        of shape: QueryShape, _ record: borrowing RecordView, of ring: SessionRing,
        in session: Session
    ) throws(DeviceError) -> [QueryArgument] {
        var arguments: [QueryArgument] = []
        var position = 2
        for letter in shape.letters.utf8 {
            let word = position < record.operandCount ? record.operand(position) : 0
            switch letter {
            case UInt8(ascii: "i"): arguments.append(.word(word))
            case UInt8(ascii: "h"):
                guard let stream = stream(word, of: ring, in: session) else {
                    throw DeviceError(code: FlexStatus.invalid, message: "no such stream")
                }
                arguments.append(.word(UInt64(UInt(bitPattern: stream.deviceStream))))
            case UInt8(ascii: "s"):
                let (start, count) = (Int(word >> 32), Int(word & 0xffff_ffff))
                guard start + count <= record.byteCount else {
                    throw DeviceError(code: FlexStatus.invalid, message: "a string lies outside")
                }
                let all = record.bytes(count: start + count)
                arguments.append(.string(Array(all[start...])))
            default: continue
            }
            position += 1
        }
        return arguments
    }

    /// aclGetCannAttributeList gives an array that the library owns; the interposer wants its
    /// values.
    private func attributes() throws(DeviceError) -> QueryAnswer {
        let answer = try operators.query("aclGetCannAttributeList", QueryShape("88"), [])
        guard answer.status == 0, let list = UnsafePointer<Int32>(bitPattern: UInt(answer.words[0]))
        else { return answer }
        let count = Int(min(answer.words[1], 256))
        let bytes = UnsafeRawBufferPointer(start: list, count: count * 4)
        return QueryAnswer(status: 0, words: [UInt64(count)], bytes: Array(bytes))
    }
}
