import AscendCL
import Synchronization
import Wire

/// Answers asks about one device, on the thread that it belongs to.
struct AskWorker {
    private let shared: ExecutorShared
    private let device: Int32
    private let runtime: AscendRuntime
    private let operators: OperatorLibrary
    private let tables: DeviceTables
    private let functions: APITable

    init(_ shared: ExecutorShared, runtime: AscendRuntime) {
        self.shared = shared
        device = shared.device
        self.runtime = runtime
        operators = shared.operators
        tables = shared.tables
        functions = shared.functions
    }

    /// Does what a lane asked, however long that takes.
    func answer(_ ask: DeviceAsk, lane: UInt32) -> DeviceAnswer {
        do throws(DeviceError) {
            try runtime.select(device)
            if case .allocate(let bytes, let policy) = ask {
                let address = try allocate(byteCount(bytes), policy, lane)
                return DeviceAnswer(words: [address])
            }
            return try perform(ask)
        } catch {
            return DeviceAnswer(error)
        }
    }

    private func perform(_ ask: DeviceAsk) throws(DeviceError) -> DeviceAnswer {
        switch ask {
        case .createStream(let number, let priority, let flags):
            if let reason = tables.reason(againstStream: number) { throw reason }
            let handle = try unsafe runtime.createStream(priority: priority, flags: flags)
            unsafe tables.insertStream(number, StreamEntry(handle: handle))
        case .destroyStream(let number):
            guard let entry = tables.removeStream(number) else { throw noStream(number) }
            try unsafe runtime.destroyStream(entry.handle)
        case .allocate: break
        case .free(let address): try runtime.free(address)
        case .preparePlan(let plan, let function, let encoded, let values):
            try prepare(plan, function, encoded, values)
        case .dropPlan(let plan):
            guard tables.removePlan(plan) else {
                throw DeviceError(code: 161_002, message: "no plan \(plan) here")
            }
        case .copyNow(let destination, let source, let bytes, let kind, let inline):
            guard inline.isEmpty || UInt64(inline.count) >= bytes else {
                throw DeviceError(
                    code: 107_000, message: "a copy of \(bytes) bytes from \(inline.count)")
            }
            try unsafe runtime.copy(
                to: destination, from: source, inline: inline, bytes: byteCount(bytes), kind: kind,
                stream: nil)
        case .fillNow(let address, let value, let bytes):
            try unsafe runtime.fill(address, value: value, bytes: byteCount(bytes), stream: nil)
        case .query(let function, let shape, let arguments):
            return try query(function, shape, arguments)
        case .memoryInfo(let attribute):
            let info = try runtime.memoryInfo(attribute: attribute)
            return DeviceAnswer(words: [UInt64(info.free), UInt64(info.total)])
        case .registerHost(let address, let bytes):
            return DeviceAnswer(words: [try runtime.registerHost(address, bytes: bytes)])
        case .unregisterHost(let address): try runtime.unregisterHost(address)
        }
        return DeviceAnswer()
    }

    /// Memory with nothing of another lane's in it.
    private func allocate(_ bytes: Int, _ policy: Int32, _ lane: UInt32) throws(DeviceError)
        -> UInt64
    {
        let address = try runtime.allocate(bytes: bytes, policy: policy)
        let isOwn = shared.memoryOwners.withLock {
            $0.claim(address, bytes: UInt64(bytes), owner: lane)
        }
        if isOwn { return address }
        do throws(DeviceError) {
            try unsafe runtime.fill(address, value: 0, bytes: bytes, stream: nil)
            return address
        } catch {
            try? runtime.free(address)
            shared.memoryOwners.withLock { $0.forget(lane) }
            throw error
        }
    }

    // MARK: Plans

    private func prepare(
        _ plan: UInt32, _ id: FunctionID, _ encoded: [UInt8], _ values: [UInt64]
    ) throws(DeviceError) {
        guard let function = functions[id] else {
            throw DeviceError(code: 161_002, message: "no function \(id.rawValue) in the table")
        }
        let kernel = try operators.prepareKernel(function, decode(encoded, of: function))
        let checked = unsafe values.withUnsafeBufferPointer { buffer in
            Result { () throws(DeviceError) in try unsafe kernel.check(buffer) }
        }
        let status = try checked.get()
        guard status == 0 else {
            throw DeviceError(
                code: status,
                message: runtime.takeErrorMessage()
                    ?? "\(function.name) refused its arguments on the device")
        }
        // The kernel is given away: this thread has no other use of it.
        nonisolated(unsafe) let given = kernel
        try unsafe tables.insertPlan(
            plan, PlanEntry(function: function, encoded: encoded, checked: given))
    }

    private func decode(_ encoded: [UInt8], of function: APIFunction) throws(DeviceError)
        -> Signature
    {
        do throws(SignatureError) {
            return try SignatureDecoder.decode(encoded)
        } catch {
            throw DeviceError(code: 161_002, message: "\(function.name): \(error.description)")
        }
    }

    // MARK: Queries

    private func query(_ name: String, _ shape: QueryShape, _ arguments: [QueryArgument])
        throws(DeviceError) -> DeviceAnswer
    {
        var known: [QueryArgument] = []
        for argument in arguments { known.append(try withHandle(argument)) }
        let found = try operators.query(name, shape, known)
        guard found.status == 0 else {
            throw DeviceError(code: found.status, message: runtime.takeErrorMessage() ?? "")
        }
        if name == "aclGetCannAttributeList", found.words.count == 2 {
            return attributes(found.words[0], count: found.words[1])
        }
        return DeviceAnswer(words: found.words, bytes: found.bytes)
    }

    private func withHandle(_ argument: QueryArgument) throws(DeviceError) -> QueryArgument {
        guard case .stream(let number) = argument else { return argument }
        guard let entry = tables.stream(number) else { throw noStream(number) }
        return unsafe .word(UInt64(UInt(bitPattern: entry.handle)))
    }

    /// aclGetCannAttributeList answers an array that the library keeps; its values are wanted.
    private func attributes(_ address: UInt64, count: UInt64) -> DeviceAnswer {
        guard let list = unsafe UnsafePointer<Int32>(bitPattern: UInt(address)) else {
            return DeviceAnswer(words: [0])
        }
        let known = Int(min(count, 256))
        let bytes = unsafe UnsafeRawBufferPointer(start: list, count: known * 4)
        return unsafe DeviceAnswer(words: [UInt64(known)], bytes: Array(bytes))
    }

    private func noStream(_ number: UInt32) -> DeviceError {
        DeviceError(code: 107_003, message: "no stream \(number) here")
    }
}
