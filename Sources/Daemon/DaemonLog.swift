import Logging
import Wire

/// The daemon's log, on its error output, which may be a terminal.
func makeLog(isVerbose: Bool) -> Logger {
    var log = Logger(label: "flexnpu") {
        PrintableLogHandler(StreamLogHandler.standardError(label: $0))
    }
    log.logLevel = isVerbose ? .info : .warning
    return log
}

/// Hands on what is logged with others' words made printable: names of programs, errors of policies.
struct PrintableLogHandler<Target: LogHandler>: LogHandler {
    private var target: Target

    init(_ target: Target) { self.target = target }

    var logLevel: Logger.Level {
        get { target.logLevel }
        set { target.logLevel = newValue }
    }

    var metadata: Logger.Metadata {
        get { target.metadata }
        set { target.metadata = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { target[metadataKey: key] }
        set { target[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        var event = event
        event.message = "\(event.message.description.printable)"
        event.metadata = event.metadata?.mapValues { "\($0.description.printable)" }
        target.log(event: event)
    }
}
