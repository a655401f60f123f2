import Tensor

/// A part of a tensor that an operation reads, or overwrites as a whole.
///
/// What adds to a tensor, or changes it in place, reads it: the values that were there matter.
struct Access: Sendable {
  let place: ArenaPlan.Place
  let parts: Range<Int>
  let isWrite: Bool

  /// A joined tensor has two parts, every other tensor one.
  static let partsPerPlace = 2

  static func read(_ place: ArenaPlan.Place, _ parts: Range<Int> = 0..<1) -> Access {
    Access(place: place, parts: parts, isWrite: false)
  }

  static func write(_ place: ArenaPlan.Place, _ parts: Range<Int> = 0..<1) -> Access {
    Access(place: place, parts: parts, isWrite: true)
  }
}

/// What the passes of a layer touch.
struct LayerAccesses: Sendable {
  let forward: [Access]
  let recompute: [Access]
  /// One list for each phase of the backward pass; a phase begins when the one before has ended.
  let backward: [[Access]]
}

/// What a step touches.
struct StepAccesses: Sendable {
  let layers: [LayerAccesses]
  /// The caller's batch.
  let input: Access
  /// The logits that the caller reads, and in training their gradient that it writes.
  let output: [Access]
  /// Features that the caller reads when all is done, and their gradients.
  let kept: [Access]

  /// What an operation touches, a list for each of its moments.
  func phases(_ operation: StepSchedule.Operation) -> [[Access]] {
    switch operation {
    case .input: [[input]]
    case .forward(let layer): [layers[layer].forward]
    case .output: [output]
    case .recompute(let layer): [layers[layer].recompute]
    case .backward(let layer): layers[layer].backward
    case .end: [kept]
    }
  }
}
