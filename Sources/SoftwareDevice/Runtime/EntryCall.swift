/// Runs the body of an entry point: what it throws becomes the call's code and the thread's
/// message.
@inline(always)
func entryCall(_ body: () throws(Failure) -> Void) -> Int32 {
    guard !ForkGuard.isForkedChild else { return ForkGuard.refuse() }
    do {
        try body()
        return Status.success
    } catch {
        return ThreadState.current.report(error)
    }
}

/// The same for an entry point that returns an object, and nil where it fails.
@inline(always)
func entryObject(_ body: () throws(Failure) -> UnsafeMutableRawPointer) -> UnsafeMutableRawPointer?
{
    guard !ForkGuard.isForkedChild else {
        _ = ForkGuard.refuse()
        return nil
    }
    do {
        return unsafe try body()
    } catch {
        _ = ThreadState.current.report(error)
        return nil
    }
}

/// An output argument that must not be NULL.
// Safe: it looks at the address alone.
@inline(always)
@safe func required<Value>(
    _ pointer: UnsafeMutablePointer<Value>?, _ name: StaticString
) throws(Failure) -> UnsafeMutablePointer<Value> {
    guard let pointer = unsafe pointer else { throw .invalid("\(name) is NULL") }
    return unsafe pointer
}
