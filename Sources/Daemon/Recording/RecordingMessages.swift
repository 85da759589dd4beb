/// From here on what happens is recorded: everybody who is there is told first.
struct StartRecording: LoopMessage {
    var recorder: TraceRecorder
    func take(by core: DispatchCore) { core.startRecording(recorder) }
}

/// Nothing is recorded any more.
struct EndRecording: LoopMessage {
    func take(by core: DispatchCore) { core.endRecording() }
}
