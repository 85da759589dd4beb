import AscendCL
import Device
import Scheduling
import SharedRing
import Wire

extension QueryShape {
    /// The shape of a plain query; `length` is what the program says of memory that is filled.
    fileprivate init(_ form: QueryForm, length: UInt64) {
        let bytes = form.bufferCounter == nil ? form.bufferBytes : Int(min(length, 4000))
        self.init(form.letters, bufferBytes: bytes, returnsValue: form.returnsValue)
    }
}

/// Questions that the device library answers.
extension DispatchCore {
    func query(_ operands: QueryOperands, _ call: borrowing CallContext) throws(CallRefusal) {
        let function = operands.function
        if function.name == "aclrtEventGetTimestamp" { return try eventTimestamp(operands, call) }
        guard let form = form(of: function) else {
            throw CallRefusal(AclStatus.runtimeUnsupported, "it is not carried")
        }
        let length = form.bufferCounter.map {
            call.record.operand(operands.arguments.lowerBound + $0)
        }
        let shape = QueryShape(form, length: length ?? 0)
        let arguments = try arguments(of: shape, operands, call)
        guard try !answerSetting(function.name, arguments, operands, call) else { return }
        ask(
            .query(function: function.name, shape: shape, arguments: arguments),
            .reply(park(call), isText: form.isText), on: operands.device.rawValue,
            of: call.session)
    }

    /// How the function is asked: by the table, but for one whose answer is an array of the
    /// library's own.
    private func form(of function: APIFunction) -> QueryForm? {
        function.name == "aclGetCannAttributeList"
            ? QueryForm(letters: "l8") : function.queryForm
    }

    private func eventTimestamp(_ operands: QueryOperands, _ call: borrowing CallContext)
        throws(CallRefusal)
    {
        let handle = call.record.operand(operands.arguments.lowerBound)
        guard let event = call.session.objects.events[handle],
            case .complete(let chipTime) = scheduler.status(of: event.id)
        else {
            throw CallRefusal(AclStatus.invalidParameter, "not recorded, or not complete")
        }
        answer(call, words: [UInt64(max(0, time.host(chipTime)) / 1000)])
    }

    /// The in-arguments: words, streams by their numbers, and strings.
    private func arguments(
        of shape: QueryShape, _ operands: QueryOperands, _ call: borrowing CallContext
    ) throws(CallRefusal) -> [QueryArgument] {
        var arguments: [QueryArgument] = []
        var position = operands.arguments.lowerBound
        for letter in shape.letters.utf8 {
            let word = call.record.operand(position)
            switch letter {
            case UInt8(ascii: "i"): arguments.append(.word(word))
            case UInt8(ascii: "h"):
                guard let stream = call.session.objects.streams[word] else {
                    throw CallRefusal(AclStatus.invalidParameter, "no such stream")
                }
                arguments.append(.stream(stream.number))
            case UInt8(ascii: "s"): arguments.append(.string(try string(word, call)))
            default: continue
            }
            position += 1
        }
        return arguments
    }

    /// A string is `offset << 32 | length` in the record's bytes.
    private func string(_ word: UInt64, _ call: borrowing CallContext) throws(CallRefusal)
        -> [UInt8]
    {
        let (start, count) = (Int(word >> 32), Int(word & 0xffff_ffff))
        guard start + count <= call.record.byteCount else {
            throw CallRefusal(AclStatus.invalidParameter, "a string lies outside its record")
        }
        return Array(call.record.bytes(count: start + count)[start...])
    }
}
