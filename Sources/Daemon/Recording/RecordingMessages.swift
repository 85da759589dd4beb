/// From here on what happens is recorded: everybody who is there is told first.
package struct StartRecording: LoopMessage {
    package var recorder: TraceRecorder
    package init(recorder: TraceRecorder) { self.recorder = recorder }
    package func take(by core: DispatchCore) { core.startRecording(recorder) }
}

/// Nothing is recorded any more.
package struct EndRecording: LoopMessage {
    package init() {}
    package func take(by core: DispatchCore) { core.endRecording() }
}
