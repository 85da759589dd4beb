/// An argument of phase one as the entry point got it.
// Safe to hold: a handle is looked up; following a C string says `unsafe`.
@safe enum RawArgument {
    /// An object's handle, or a C string.
    case pointer(UnsafeRawPointer?)
    case integer(Int64)
    case real(Double)
}

/// Phase one of an aclnn operation: copies every argument, checks them, and hands out an executor.
func phaseOne(
    _ name: StaticString, _ arguments: [RawArgument],
    _ workspaceSize: UnsafeMutablePointer<UInt64>?,
    _ executor: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
    entryCall { () throws(Failure) in
        guard let workspaceSize = unsafe workspaceSize, let executor = unsafe executor else {
            throw Failure(Status.nullArgument, "\(name): workspaceSize or executor is NULL")
        }
        let call = BusyCall(Platform.shared.settings.hostCost.phaseOneNanoseconds)
        let registry = ObjectRegistry.shared
        let prepared = try registry.lock.withLock { () throws(Failure) in
            try registry.prepare(name, arguments)
        }
        do throws(OperationRefusal) {
            try prepared.operation.check(prepared.arguments)
        } catch {
            throw Failure(error.status, "\(name): \(error.message)")
        }
        Platform.shared.planWork(of: prepared)
        unsafe executor.pointee = registry.lock.withLock { registry.executors.insert(prepared) }
        unsafe workspaceSize.pointee = 0
        call.finish()
    }
}

/// Phase two: puts the operation on a stream.
// Safe: both handles are looked up and never followed.
@safe func phaseTwo(_ executor: UnsafeMutableRawPointer?, _ stream: UnsafeMutableRawPointer?)
    -> Int32
{
    entryCall { () throws(Failure) in
        guard unsafe executor != nil else { throw Failure(Status.nullArgument, "executor is NULL") }
        let platform = Platform.shared
        let call = BusyCall(platform.settings.hostCost.phaseTwoNanoseconds)
        let registry = ObjectRegistry.shared
        let launch = try registry.lock.withLock { () throws(Failure) in
            try unsafe registry.takeLaunch(executor)
        }
        call.finish()
        try platform.lock.withLock { () throws(Failure) in
            try unsafe platform.enqueue(.launch(launch), on: try platform.stream(stream))
        }
    }
}

/// The operations by the address of their name's literal, which is quicker than by name.
struct OperationCache {
    private var operations: [UInt: Operation] = [:]

    mutating func operation(_ name: StaticString) throws(Failure) -> Operation {
        let key = unsafe UInt(bitPattern: name.utf8Start)
        if let known = operations[key] { return known }
        let text = "\(name)"
        guard let found = OperationCatalog.operation(named: text) ?? TimingOnly.operation(text)
        else {
            throw Failure(
                Status.featureUnsupported, "\(name) is not offered by the software device")
        }
        guard !found.isTimingOnly || Platform.shared.settings.offersTimingOnly else {
            throw Failure(
                Status.featureUnsupported,
                "the software device has a time for \(name) and no arithmetic: it is offered on "
                    + "the paced clock, or with FLEXNPU_DEVICE_TIMING_ONLY=1")
        }
        operations[key] = found
        return found
    }
}

extension ObjectRegistry {
    fileprivate func prepare(
        _ name: StaticString, _ raw: [RawArgument]
    ) throws(Failure) -> Executor {
        let operation = try operations.operation(name)
        let letters = operation.classes.utf8
        guard letters.count == raw.count else {
            throw Failure(Status.invalidArgument, "\(name) takes \(letters.count) arguments")
        }
        var arguments: [Argument] = []
        arguments.reserveCapacity(raw.count)
        var objects: [UInt] = []
        for (letter, argument) in zip(letters, raw) {
            guard let copied = copy(argument, letter: letter, objects: &objects) else {
                throw Failure(
                    Status.invalidArgument,
                    "\(name): argument \(arguments.count + 1) is not what the operation takes")
            }
            arguments.append(copied)
        }
        return Executor(operation: operation, arguments: arguments, objects: objects)
    }

    fileprivate func takeLaunch(_ handle: UnsafeMutableRawPointer?) throws(Failure) -> Launch {
        guard let executor = unsafe executors.object(handle) else {
            throw Failure(
                Status.invalidArgument,
                "0x\(hex(UInt(bitPattern: handle))) is not an executor, or was launched before")
        }
        if !executor.isRepeatable { _ = unsafe executors.remove(handle) }
        return executor.launch()
    }

    /// The argument that `raw` names, copied; nil where it is no such thing. `objects` gets a
    /// handle for each tensor that is there.
    private func copy(
        _ raw: RawArgument, letter: UInt8, objects: inout [UInt]
    ) -> Argument? {
        switch raw {
        case .integer(let value): return .integer(value)
        case .real(let value): return .real(value)
        case .pointer(let handle?): return unsafe copy(handle, letter: letter, objects: &objects)
        case .pointer(nil): return absent(letter)
        }
    }

    private func copy(
        _ handle: UnsafeRawPointer, letter: UInt8, objects: inout [UInt]
    ) -> Argument? {
        switch letter {
        case UInt8(ascii: "T"):
            guard let object = tensors.object(handle) else { return nil }
            objects.append(UInt(bitPattern: handle))
            return .tensor(object.tensor)
        case UInt8(ascii: "L"):
            guard let list = tensorLists.object(handle) else { return nil }
            var copied: [TensorArgument] = []
            for index in unsafe list.elements.indices {
                guard let object = unsafe tensors.object(list.elements[index]) else { return nil }
                copied.append(object.tensor)
                objects.append(UInt(bitPattern: handle))
            }
            return .tensorList(copied)
        case UInt8(ascii: "S"): return scalars.object(handle).map { .scalar($0.scalar) }
        case UInt8(ascii: "C"):
            guard let list = scalarLists.object(handle) else { return nil }
            let copied = unsafe list.elements.compactMap { scalars.object($0)?.scalar }
            return unsafe copied.count == list.elements.count ? .scalarList(copied) : nil
        case UInt8(ascii: "I"): return integers.object(handle).map { .integers($0.values) }
        case UInt8(ascii: "B"): return booleans.object(handle).map { .booleans($0.values) }
        case UInt8(ascii: "G"): return reals.object(handle).map { .reals($0.values) }
        case UInt8(ascii: "s"):
            return unsafe .string(String(cString: handle.assumingMemoryBound(to: CChar.self)))
        default: return nil
        }
    }

    private func absent(_ letter: UInt8) -> Argument? {
        switch letter {
        case UInt8(ascii: "T"): .tensor(nil)
        case UInt8(ascii: "L"): .tensorList(nil)
        case UInt8(ascii: "S"): .scalar(nil)
        case UInt8(ascii: "C"): .scalarList(nil)
        case UInt8(ascii: "I"): .integers(nil)
        case UInt8(ascii: "B"): .booleans(nil)
        case UInt8(ascii: "G"): .reals(nil)
        case UInt8(ascii: "s"): .string(nil)
        default: nil
        }
    }
}
