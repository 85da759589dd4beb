import Glibc

/// What AscendCL keeps for each thread: the current context, the last error, the message about it.
// Safe: its messages are private to the thread and freed by it.
@safe final class ThreadState {
    var context: Context?
    /// The stream whose core limits hold for what the thread prepares.
    var limitingStream: Stream?
    private(set) var lastError: Int32 = 0
    private var message: UnsafeMutablePointer<CChar>?
    /// The text aclGetRecentErrMsg gave out last; it stays valid until the next one.
    private var givenMessage: UnsafeMutablePointer<CChar>?

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        unsafe pthread_key_create(&key) { state in
            if let state = unsafe state {
                unsafe Unmanaged<ThreadState>.fromOpaque(state).release()
            }
        }
        return key
    }()

    static var current: ThreadState {
        if let state = unsafe pthread_getspecific(key) {
            return unsafe Unmanaged<ThreadState>.fromOpaque(state).takeUnretainedValue()
        }
        let state = ThreadState()
        unsafe pthread_setspecific(key, Unmanaged.passRetained(state).toOpaque())
        return state
    }

    deinit {
        unsafe free(message)
        unsafe free(givenMessage)
    }

    /// Keeps what went wrong and returns its code.
    func report(_ failure: Failure) -> Int32 {
        unsafe free(message)
        unsafe message = strdup(failure.message)
        lastError = failure.code
        return failure.code
    }

    /// The message about the last failure, once.
    func takeMessage() -> UnsafePointer<CChar>? {
        guard let message = unsafe message else { return nil }
        unsafe free(givenMessage)
        unsafe givenMessage = message
        unsafe self.message = nil
        return unsafe UnsafePointer(message)
    }

    func takeLastError() -> Int32 {
        defer { lastError = 0 }
        return lastError
    }

    /// The thread's context, or the failure every call that needs one answers with.
    func requireContext() throws(Failure) -> Context {
        guard let context, context.isAlive else { throw .noContext }
        return context
    }
}
