import AscendCL
import CostModel
import Device
import LinuxIO
import Scheduling
import SharedRing
import Wire

/// Device and pinned host memory, and signatures.
extension DispatchLoop {
    /// [device, bytes, policy] → address
    func allocate(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        let device = Int32(truncatingIfNeeded: record.operand(0))
        let bytes = record.operand(1)
        guard devices.contains(device), bytes > 0, bytes < 1 << 46 else {
            return answer(
                record, of: ring, status: FlexStatus.invalid,
                message: "\(name(of: record)): \(bytes) bytes on device \(device)")
        }
        do throws(DeviceError) {
            try runtime.select(device)
            let policy = Int32(truncatingIfNeeded: record.operand(2))
            let address = try runtime.allocate(bytes: Int(bytes), policy: policy)
            session.memory.insert(.init(address: address, bytes: bytes, device: device))
            answer(record, of: ring, status: 0, words: [address])
        } catch {
            answer(record, of: ring, status: error.code, message: error.message)
        }
    }

    /// [address]: the memory is the client's no longer, and is given back once the work enqueued
    /// before is done.
    func free(_ record: borrowing RecordView, in session: Session) {
        guard let block = session.memory.remove(startingAt: record.operand(0)) else { return }
        release(after: session) { loop in
            try? loop.runtime.select(block.device)
            try? loop.runtime.free(block.address)
        }
    }

    /// [block]
    func freeHost(_ record: borrowing RecordView, in session: Session) {
        guard let block = session.hostBlocks.removeValue(forKey: record.operand(0)) else { return }
        session.hostBytes -= block.count
        // The mapping lives as long as the closure that holds it.
        release(after: session) { _ in _ = block.count }
    }

    /// Runs `body` when all work that the client has enqueued so far is done.
    private func release(after session: Session, _ body: @escaping (DispatchLoop) -> Void) {
        let token = waits.add(.release(body))
        guard scheduler.afterAllWork(of: session.id, token: token) else { return }
        waits.remove(token)
        body(self)
    }

    /// [function, address…] + bytes → signature id. The device library checks the arguments, so
    /// that what is wrong fails in phase one.
    func sign(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        let phaseOne = FunctionID(rawValue: UInt16(truncatingIfNeeded: record.operand(0)))
        guard let function = table[phaseOne], session.signatures.count < limits.signaturesPerSession
        else {
            return answer(
                record, of: ring, status: FlexStatus.operatorInternal,
                message: "no such operation, or more than \(limits.signaturesPerSession) "
                    + "different argument lists in one program")
        }
        do {
            let encoded = record.bytes(count: record.byteCount)
            let key = SignatureKey(function: phaseOne, encoded: encoded)
            if let known = session.signatureIDs[key] {
                return answer(record, of: ring, status: 0, words: [UInt64(known)])
            }
            let signature = try SignatureDecoder.decode(encoded)
            guard !signature.tensors.contains(where: \.isMalformed) else {
                throw DeviceError(
                    code: FlexStatus.operatorInvalid,
                    message: "\(function.name): a tensor's shape or strides make no sense")
            }
            let shape = OperationShape(function: function.name, signature: signature)
            let predicted = shape.predictedNanoseconds(on: chip)
            let entry = SignatureEntry(
                id: UInt32(session.signatures.count + 1), phaseOne: function, encoded: encoded,
                signature: signature, shape: shape,
                costIndex: costs.add(shape.kind, predictedNanoseconds: predicted))
            let addresses = (1..<record.operandCount).map { record.operand($0) }
            try check(entry, addresses)
            session.signatures.append(entry)
            session.signatureIDs[key] = entry.id
            answer(record, of: ring, status: 0, words: [UInt64(entry.id)])
        } catch let error as DeviceError {
            answer(record, of: ring, status: error.code, message: error.message)
        } catch {
            answer(
                record, of: ring, status: FlexStatus.operatorInternal,
                message: "\(function.name): \(error)")
        }
    }

    private func check(_ entry: SignatureEntry, _ addresses: [UInt64]) throws(DeviceError) {
        guard addresses.count == entry.tensors.count else {
            throw DeviceError(
                code: FlexStatus.operatorInternal,
                message: "\(entry.phaseOne.name): \(addresses.count) addresses for "
                    + "\(entry.tensors.count) tensors")
        }
        try runtime.select(devices[0])
        let kernel = try entry.kernel(on: devices[0], from: operators)
        let status = kernel.check(addresses: addresses)
        guard status != 0 else { return }
        throw DeviceError(
            code: status,
            message: runtime.takeErrorMessage()
                ?? "\(entry.phaseOne.name) refuses its arguments on the device")
    }
}
