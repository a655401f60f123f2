import Foundations
import Harmonization
import Synchronization

/// Takes maps of a case beside its labels, slice by slice, as they are made.
package protocol ScoreMaps: Sendable {
  var wantsEntropy: Bool { get }
  /// A slice of the box in the harmonised orientation: probabilities `(output, y, x)`, entropy `(y, x)`, empty where it is not
  /// wanted. Called on several threads at once, each slice once. May throw to stop the case.
  func take(
    slice: Int, probabilities: UnsafeBufferPointer<Float>, entropy: UnsafeBufferPointer<Float>
  ) throws
}

/// Finished scores on their way to labels and maps in the box's grid, a row at a time.
struct ScoreRows {
  private let resampling: ScoreResampling
  private let decision: ScoreDecision
  private let sweeps: [WindowSweep]
  private let maps: (any ScoreMaps)?
  private let loop: ParallelLoop

  init(
    resampling: ScoreResampling, decision: ScoreDecision, sweeps: [WindowSweep], maps: (any ScoreMaps)?,
    loop: ParallelLoop
  ) {
    self.resampling = resampling
    self.decision = decision
    self.sweeps = sweeps
    self.maps = maps
    self.loop = loop
  }

  /// Whether labels need more than one model's logits.
  private var needsProbabilities: Bool { maps != nil || sweeps.count > 1 }

  /// Writes the labels of slices whose sources are all held into the box's `labels`. Throws what the maps throw, the first by slice.
  func write(_ slices: Range<Int>, labels: UnsafeMutablePointer<UInt16>) throws {
    let failures = Mutex<[(slice: Int, error: any Error)]>([])
    // Safe: each piece writes its own slice, and the sweeps are only read.
    nonisolated(unsafe) let labels = labels
    nonisolated(unsafe) let rows = self
    let scratchCount =
      resampling.scratchCount(classes: decision.outputs) + resampling.size.x * decision.outputs
    let scratch = UnsafeMutablePointer<Float>.allocate(capacity: scratchCount * loop.threads)
    defer { scratch.deallocate() }
    nonisolated(unsafe) let memory = scratch
    loop.forEach(slices.count) { piece, worker in
      let k = slices.lowerBound + piece
      do {
        try rows.write(k, labels: labels, scratch: memory + worker * scratchCount)
      } catch {
        failures.withLock { $0.append((k, error)) }
      }
    }
    if let first = failures.withLock({ $0.min { $0.slice < $1.slice } }) { throw first.error }
  }

  private func write(
    _ k: Int, labels: UnsafeMutablePointer<UInt16>, scratch: UnsafeMutablePointer<Float>
  ) throws {
    let (size, outputs) = (resampling.size, decision.outputs)
    let probabilities = scratch + resampling.scratchCount(classes: outputs)
    let planes = SlicePlanes(size: size, outputs: outputs, maps: maps)
    defer { planes.deallocate() }
    let (lower, upper) = resampling.sources(ofSlice: k)
    for j in 0..<size.y {
      let target = labels + size.x * (j + size.y * k)
      if needsProbabilities { probabilities.update(repeating: 0, count: size.x * outputs) }
      for sweep in sweeps {
        let logits = resampling.row(
          j, ofSlice: k, classes: outputs, lower: sweep.slice(lower), upper: sweep.slice(upper),
          scratch: scratch)
        if needsProbabilities {
          decision.addProbabilities(
            logits, count: size.x, share: 1 / Double(sweeps.count), to: probabilities)
        }
        // A single model's labels are its logits', whatever else is asked for.
        if sweeps.count == 1 {
          decision.labels(logits, count: size.x, areProbabilities: false, into: target)
        }
      }
      if sweeps.count > 1 {
        decision.labels(probabilities, count: size.x, areProbabilities: true, into: target)
      }
      planes.put(row: j, probabilities: probabilities, decision: decision)
    }
    try maps?.take(slice: k, probabilities: planes.probabilities, entropy: planes.entropy)
  }
}

/// A slice's maps while they are made; empty where none are wanted.
private struct SlicePlanes {
  private let size: SIMD3<Int>
  private let outputs: Int
  private let values: UnsafeMutableBufferPointer<Float>
  private let undecided: UnsafeMutableBufferPointer<Float>

  var probabilities: UnsafeBufferPointer<Float> { UnsafeBufferPointer(values) }
  var entropy: UnsafeBufferPointer<Float> { UnsafeBufferPointer(undecided) }

  init(size: SIMD3<Int>, outputs: Int, maps: (any ScoreMaps)?) {
    self.size = size
    self.outputs = outputs
    let voxels = maps == nil ? 0 : size.x * size.y
    values = .allocate(capacity: voxels * outputs)
    undecided = .allocate(capacity: maps?.wantsEntropy == true ? voxels : 0)
    values.initialize(repeating: 0)
    undecided.initialize(repeating: 0)
  }

  func deallocate() {
    values.deallocate()
    undecided.deallocate()
  }

  func put(row j: Int, probabilities: UnsafePointer<Float>, decision: ScoreDecision) {
    if values.isEmpty { return }
    for output in 0..<outputs {
      let target = values.baseAddress! + (output * size.y + j) * size.x
      for i in 0..<size.x { target[i] = probabilities[i * outputs + output] }
    }
    if undecided.isEmpty { return }
    decision.entropy(probabilities, count: size.x, into: undecided.baseAddress! + j * size.x)
  }
}
