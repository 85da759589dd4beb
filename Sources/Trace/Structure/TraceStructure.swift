import Wire

/// A trace without time, addresses and the interleaving of threads: what the programs did.
struct TraceStructure {
    private(set) var clients: [ClientStructure] = []
    private(set) var timing = FunctionTimes()
    /// Why the ends of files could not be read.
    private(set) var damages: [TraceError] = []
    private(set) var lost: UInt64 = 0
    /// Calls, those that ask whether something is done yet among them.
    private(set) var calls = 0

    /// Reads a whole trace. `symbols` is shared by the traces that are to be compared.
    init(_ reader: TraceReader, symbols: SymbolTable) throws(TraceError) {
        for files in reader.filesByClient {
            var made: StructureBuilder?
            damages += try reader.inOrder(files) { step, stream in
                if made == nil {
                    made = StructureBuilder(
                        client: stream.client, reader: reader, symbols: symbols)
                }
                made?.take(step, stream)
            }
            guard let builder = made else { continue }
            clients.append(builder.finished)
            timing.merge(builder.timing)
            lost &+= builder.lost
            calls += builder.calls
        }
    }
}

/// Gathers the structure of one program.
struct StructureBuilder {
    private var structure: ClientStructure
    private(set) var timing = FunctionTimes()
    private(set) var lost: UInt64 = 0
    private(set) var calls = 0
    private let symbols: SymbolTable
    private let reader: TraceReader
    /// Indices of functions in the symbol table, by their ids in this trace.
    private var functions: [Int] = []
    private var plans: [FunctionPlan] = []
    private var signatures: [UInt32: SignatureForm] = [:]
    /// The signatures found last, by the low bits of their ids.
    private var recentSignatures = [(id: UInt32, form: SignatureForm)](
        repeating: (0, .unknown), count: 1024)
    /// The symbols found last, by their hash; a hash of 0 would be found as symbol 0 once in an
    /// age.
    private var recentSymbols = [(hash: UInt64, symbol: UInt32)](repeating: (0, 0), count: 1024)
    private var threadIndices: [UInt32: Int] = [:]
    /// The thread of the last call, taken out of its place while its calls follow one another.
    private var current = ThreadSequence(thread: 0)
    private var currentIndex = -1
    private var handles: [UInt64: UInt32] = [:]
    private var handleCount: UInt32 = 0
    private var lastHandle: (handle: UInt64, number: UInt32) = (0, 0)
    private var allocations = LiveAllocations()

    init(client: ClientID, reader: TraceReader, symbols: SymbolTable) {
        structure = ClientStructure(client: client)
        self.reader = reader
        self.symbols = symbols
    }

    var finished: ClientStructure {
        var whole = structure
        if currentIndex >= 0 { whole.threads[currentIndex] = current }
        return whole
    }

    mutating func take(_ step: StreamStep, _ stream: borrowing StreamReader) {
        switch step {
        case .call: takeCall(stream)
        case .operation:
            let operation = stream.operation
            timing.add(
                function(operation.function), operation.finishedAt &- operation.startedAt,
                isOperation: true)
        case .other: if let event = stream.event { take(event) }
        case .end: break
        }
    }

    private mutating func take(_ event: TraceEvent) {
        switch event {
        case .signature(let signature):
            let form = SignatureForm(signature.encoded)
            signatures[signature.signature] = form
            recentSignatures[Int(signature.signature & 1023)] = (signature.signature, form)
        case .client(let change):
            if change.what == .attached || structure.name.isEmpty {
                structure.name = change.name
                structure.labels = change.labels
                structure.pid = change.pid
            }
        case .lost(let event): lost &+= event.count
        default: break
        }
    }

    /// The index of a function in the symbol table.
    private mutating func function(_ id: FunctionID) -> Int {
        let index = Int(id.rawValue)
        while functions.count <= index { functions.append(-1) }
        if functions[index] < 0 {
            functions[index] = symbols.function(reader.names[id], in: reader.names.table)
            while plans.count < symbols.functions.count {
                plans.append(symbols.functions[plans.count])
            }
        }
        return functions[index]
    }

    private mutating func change(to thread: UInt32) {
        if currentIndex >= 0 { swap(&structure.threads[currentIndex], &current) }
        if let known = threadIndices[thread] {
            currentIndex = known
        } else {
            currentIndex = structure.threads.count
            threadIndices[thread] = currentIndex
            structure.threads.append(ThreadSequence(thread: thread))
        }
        swap(&structure.threads[currentIndex], &current)
    }

    private mutating func takeCall(_ stream: borrowing StreamReader) {
        calls += 1
        let index = function(stream.call.function)
        timing.add(index, stream.call.durationNanoseconds, isOperation: false)
        guard !plans[index].isPoll else { return }
        if stream.call.thread != current.thread || currentIndex < 0 {
            change(to: stream.call.thread)
        }
        var hash = plans[index].hash
        if stream.call.signature != 0 {
            let slot = slotOfSignature(stream.call.signature)
            hash = Mixing.combine(
                hash, recentSignatures[slot].form.hash(of: stream.call.values))
        }
        if plans[index].isStatus {
            hash = Mixing.combine(hash, UInt64(UInt32(bitPattern: stream.call.result)))
        }
        if stream.call.stream != 0 { addHandle(stream.call.stream, parameter: 255) }
        if !stream.call.values.isEmpty {
            let slot = slotOfSignature(stream.call.signature)
            hash = addAddresses(
                recentSignatures[slot].form.addresses(in: stream.call.values), hash)
        }
        if !stream.call.words.isEmpty { hash = addWords(stream.call, of: index, hash) }
        current.symbols.append(symbol(hash, function: index, stream))
        current.times.append(stream.call.time)
        current.operandStarts.append(UInt32(truncatingIfNeeded: current.operands.count))
        current.count(function: index)
    }

    private mutating func symbol(
        _ hash: UInt64, function: Int, _ stream: borrowing StreamReader
    ) -> UInt32 {
        let slot = Int(truncatingIfNeeded: hash) & 1023
        if recentSymbols[slot].hash == hash { return recentSymbols[slot].symbol }
        let found: UInt32
        if let known = symbols.find(hash) {
            found = known
        } else {
            let sample = CallSample(
                call: stream.call.event(client: structure.client),
                encoded: signatures[stream.call.signature]?.encoded ?? [])
            found = symbols.insert(hash, function: function, sample)
        }
        recentSymbols[slot] = (hash, found)
        return found
    }

    /// Where the signature lies in `recentSignatures`.
    private mutating func slotOfSignature(_ signature: UInt32) -> Int {
        let slot = Int(signature & 1023)
        if recentSignatures[slot].id != signature {
            recentSignatures[slot] = (signature, signatures[signature] ?? .unknown)
        }
        return slot
    }

    /// Adds a kernel's addresses. Which of them are the same is part of what the call says.
    private mutating func addAddresses(
        _ addresses: [UInt64], _ hash: UInt64
    ) -> UInt64 {
        var pattern = UInt64(addresses.count)
        for (index, address) in addresses.enumerated() {
            addAddress(address, parameter: UInt8(clamping: index))
            guard index < 12 else { continue }
            var first = 0
            while addresses[first] != address { first += 1 }
            pattern = pattern << 4 | UInt64(address == 0 ? 15 : first)
        }
        return Mixing.combine(hash, pattern)
    }

    private mutating func addWords(
        _ call: borrowing CallView, of index: Int, _ start: UInt64
    ) -> UInt64 {
        var hash = start
        let count = plans[index].roles.count
        for (position, word) in call.words.enumerated() {
            guard position < count else {
                if plans[index].returnsHandle, word != 0 {
                    makeHandle(word)
                    addHandle(word, parameter: UInt8(clamping: position))
                }
                continue
            }
            let parameter = UInt8(clamping: position)
            switch plans[index].roles[position] {
            case .value: hash = Mixing.combine(hash, word)
            case .span:
                let slice = CallWord.slice(word, in: call.bytes) ?? []
                hash = Mixing.combine(hash, Mixing.hash(slice))
            case .handle:
                hash = Mixing.combine(hash, word == 0 ? 0 : 1)
                addHandle(word, parameter: parameter)
            case .address:
                hash = Mixing.combine(hash, word == 0 ? 0 : 1)
                addAddress(word, parameter: parameter)
                if plans[index].frees { allocations.remove(word) }
            case .newHandle:
                if word != 0 { makeHandle(word) }
                addHandle(word, parameter: parameter)
            case .newAddress:
                let bytes = plans[index].sizeWord.map { call.words[$0] } ?? 1
                if word != 0 {
                    _ = allocations.insert(word, bytes: bytes)
                    structure.isWholeAllocation.append(true)
                    structure.allocationBytes.append(bytes)
                }
                addAddress(word, parameter: parameter)
            case .answer: break
            }
        }
        return hash
    }

    private mutating func makeHandle(_ handle: UInt64) {
        handles[handle] = handleCount
        lastHandle = (handle, handleCount)
        handleCount += 1
    }

    private mutating func addHandle(_ handle: UInt64, parameter: UInt8) {
        guard handle != 0 else { return }
        if lastHandle.handle != handle {
            if let known = handles[handle] {
                lastHandle = (handle, known)
            } else {
                makeHandle(handle)
            }
        }
        current.operands.append(
            Operand(number: lastHandle.number, parameter: parameter, isAddress: false, offset: 0))
    }

    private mutating func addAddress(_ address: UInt64, parameter: UInt8) {
        guard address != 0 else { return }
        let found = allocations.find(address)
        if let found, found.offset != 0 { structure.isWholeAllocation[Int(found.number)] = false }
        current.operands.append(
            Operand(
                number: found?.number ?? Operand.unknown, parameter: parameter, isAddress: true,
                offset: UInt32(truncatingIfNeeded: found?.offset ?? 0)))
    }
}
