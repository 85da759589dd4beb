/// One thing that a stream does, in its turn.
enum StreamTask {
    case launch(Launch)
    case copy(CopyTask)
    case fill(FillTask)
    case record(Mark)
    case wait(Mark, Event)

    /// Runs what takes time; what went wrong with it, if something did. Called without the
    /// platform's lock.
    func perform(in memory: AddressSpace) -> Failure? {
        switch self {
        case .launch(let launch): return launch.perform(in: memory)
        case .copy(let copy): unsafe copy.perform()
        case .fill(let fill): unsafe fill.perform(in: memory)
        case .record, .wait: break
        }
        return nil
    }

    /// Lets go of what a task that will never run has with it.
    func discard() {
        if case .copy(let copy) = self { copy.releaseStaging() }
    }
}
