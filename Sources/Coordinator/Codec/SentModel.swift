import FederationProtocol
import Foundation
import Synchronization

/// A model as the sites are sent it: as a whole, as the change from the one before, or by its digest alone.
final class SentModel: Sendable {
  /// What every site makes of it.
  let state: ModelState
  /// SHA-256 of the weights; nil where they go as they are, without a codec.
  let digest: Data?
  private let change: (base: Data, message: Message)?
  private let makeWhole: @Sendable () -> Message
  /// Made when a site needs it: most have the model before.
  private let whole = Mutex<Message?>(nil)

  /// Weights on the wire and what each tensor takes of them in bytes.
  struct Message: Sendable {
    let wire: WireWeights
    let tensorBytes: [Int]
  }

  init(
    _ state: ModelState, digest: Data?, change: (base: Data, message: Message)? = nil,
    whole: @escaping @Sendable () -> Message
  ) {
    self.state = state
    self.digest = digest
    self.change = change
    makeWhole = whole
  }

  /// Without a codec.
  convenience init(plain state: ModelState) {
    self.init(state, digest: nil) {
      Message(wire: state.wire, tensorBytes: state.ranges.map { 4 * $0.count })
    }
  }

  /// Whether a site that has a model already (nil: none) is sent this one as a whole.
  func isWhole(holding held: Data?) -> Bool {
    guard let held else { return true }
    return held != digest && held != change?.base
  }

  /// What to send to a site that has a model already; nil: to one that has none.
  func message(holding held: Data?) -> Message {
    if let held, held == digest {
      return Message(wire: .held(held), tensorBytes: state.ranges.map { _ in 0 })
    }
    if let change, change.base == held { return change.message }
    return whole.withLock { whole in
      let message = whole ?? makeWhole()
      whole = message
      return message
    }
  }
}
