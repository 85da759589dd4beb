/// Something that another thread wants of the core, as a value. The core takes it between two
/// passes, so it sees a state that nothing else is changing.
package protocol LoopMessage: Sendable {
    associatedtype Answer: Sendable

    /// Called on the thread that owns the core.
    func take(by core: DispatchCore) -> Answer
}

extension DispatchCore {
    /// Takes a message in; what the sender is answered.
    @discardableResult
    package func take<Message: LoopMessage>(_ message: Message) -> Message.Answer {
        // Whatever it was, there may be work now that the policy held back, or another policy.
        mayHaveMore = true
        return message.take(by: self)
    }
}
