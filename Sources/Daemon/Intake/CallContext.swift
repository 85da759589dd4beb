import SharedRing
import Wire

/// A call that is being handled: whose it is, and its record.
struct CallContext: ~Copyable {
    let core: DispatchCore
    let session: Session
    let ring: ProgramRing
    let function: FunctionID
    let sequence: UInt32
    /// The thread waits for an answer.
    let isAsk: Bool
    /// The record; valid while the call is handled.
    let record: RecordView
}

/// Why a call is not carried out: what the program is told.
package struct CallRefusal: Error, Equatable {
    /// An aclError or aclnnStatus.
    package var code: Int32
    package var message: String
    package init(_ code: Int32, _ message: String) {
        self.code = code
        self.message = message
    }
}
