import Foundations
import Harmonization
import NeuralNetwork
import Tensor

/// One model's way over one case: windows along z, y, x, and the weighted mean of their logits (nnU-Net averages logits over
/// windows and mirrors, MONAI what the predictor returns).
///
/// Only the slices that a window still reaches are in memory, and the one before them: a ring of patch depth + 1 slices
/// `(y, x, output)`. Not thread-safe.
final class WindowSweep {
  /// Slices along z that no further window reaches: their scores are final.
  private(set) var finished = 0
  let outputs: Int

  private let member: Predictor.Member
  private let item: HarmonizedCase
  private let patch: Axes
  private let batch: Int
  private let flips: [Window.Flips]
  /// First voxels of the windows along z, y, x.
  private let starts: (z: [Int], y: [Int], x: [Int])
  private let totals: (z: [Double], y: [Double], inverseX: [Double])
  private let weights: [Float]
  private let ring: FloatBuffer
  private let capacity: Int
  /// Places along z that are done.
  private var done = 0
  /// Slices that a window has reached.
  private var reached = 0

  init(_ member: Predictor.Member, over item: HarmonizedCase, settings: InferenceSettings) {
    let patch = member.plan.patchAxes
    self.member = member
    self.item = item
    self.patch = patch
    outputs = member.plan.outputCount
    batch = Self.batch(patch)
    flips = Window.Flips.combinations(of: settings.mirror ? member.plan.mirrorAxes : [])
    func along(_ extent: Int, _ patch: Int) -> [Int] {
      SlidingWindow.starts(extent, patch, step: settings.step)
    }
    starts = (
      along(item.size.z, patch.depth), along(item.size.y, patch.height), along(item.size.x, patch.width)
    )
    totals = (
      SlidingWindow.totals(item.size.z, patch.depth, starts: starts.z),
      SlidingWindow.totals(item.size.y, patch.height, starts: starts.y),
      SlidingWindow.totals(item.size.x, patch.width, starts: starts.x).map { 1 / $0 }
    )
    weights = SlidingWindow.weights(patch)
    capacity = Self.slicesHeld(depth: item.size.z, patch: patch.depth)
    ring = FloatBuffer(count: capacity * item.size.x * item.size.y * outputs)
  }

  /// Slices that are in memory at once.
  static func slicesHeld(depth: Int, patch: Int) -> Int { min(depth, patch + 1) }

  /// Windows that the network takes at once: single small slices keep threads busy only together.
  static func batch(_ patch: Axes) -> Int { max(1, min(8, 32_768 / patch.product)) }

  /// Forward passes that the case takes, windows times mirrors.
  var passes: Int { starts.z.count * starts.y.count * starts.x.count * flips.count }

  /// The scores of a slice that is finished and still held, `(y, x, output)`: those that the last `advance` finished and
  /// the one before them.
  func slice(_ z: Int) -> UnsafePointer<Float> {
    precondition(z < finished && z >= reached - capacity, "slice \(z) is not held, finished are \(finished)")
    return UnsafePointer(place(z))
  }

  private func place(_ z: Int) -> UnsafeMutablePointer<Float> {
    ring.pointer + z % capacity * (item.size.x * item.size.y * outputs)
  }

  /// Adds the windows of the next place along z; `onPasses` hears of forward passes as they end, and may throw to stop.
  ///
  /// Throws `NetworkError`, and what `onPasses` throws.
  func advance(onPasses: (Int) throws -> Void) throws {
    let z = starts.z[done]
    let end = min(item.size.z, z + patch.depth)
    for slice in reached..<end {
      place(slice).update(repeating: 0, count: item.size.x * item.size.y * outputs)
    }
    reached = end
    let windows = starts.y.flatMap { y in
      starts.x.map { x in Window(size: item.size, origin: SIMD3(x, y, z), patch: patch) }
    }
    try member.pool.withNetwork(batch: batch, patch: patch, isTraining: false) { network in
      for first in stride(from: 0, to: windows.count, by: batch) {
        let group = windows[first..<min(windows.count, first + batch)]
        for flips in flips {
          load(group, flips, into: network)
          network.forward(parameters: member.parameters)
          add(group, flips, from: network)
          try onPasses(group.count)
        }
      }
    }
    done += 1
    finish(upTo: done < starts.z.count ? starts.z[done] : item.size.z)
  }

  private func load(_ group: ArraySlice<Window>, _ flips: Window.Flips, into network: UNet) {
    let (channels, depth, first) = (item.channels, patch.depth, group.startIndex)
    let length = patch.product * channels
    item.image.withUnsafeBufferPointer { image in
      // Safe: each piece writes its own slice of its own window.
      nonisolated(unsafe) let image = image.baseAddress!
      nonisolated(unsafe) let input = network.input
      member.pool.loop.forEach(group.count * depth) { piece, _ in
        group[first + piece / depth].load(
          slice: piece % depth, of: image, channels: channels, flips: flips,
          into: input + piece / depth * length)
      }
    }
  }

  /// Pieces are bands of rows of the case's slices: windows of a group overlap, so each row adds them in their order.
  private func add(_ group: ArraySlice<Window>, _ flips: Window.Flips, from network: UNet) {
    let first = group.startIndex
    let slices = group[first].slices
    let low = group.reduce(item.size.y) { min($0, $1.rows.lowerBound) }
    let high = group.reduce(0) { max($0, $1.rows.upperBound) }
    let bands = (high - low + Self.band - 1) / Self.band
    let length = patch.product * outputs
    let rowLength = item.size.x * outputs
    weights.withUnsafeBufferPointer { weights in
      // Safe: each piece writes its own rows of the ring.
      nonisolated(unsafe) let weights = weights.baseAddress!
      nonisolated(unsafe) let logits = network.output
      member.pool.loop.forEach(slices.count * bands) { piece, _ in
        let z = slices.lowerBound + piece / bands
        let rows = low + piece % bands * Self.band..<min(high, low + (piece % bands + 1) * Self.band)
        for (index, window) in group.enumerated() {
          for y in window.rows.clamped(to: rows) {
            window.add(
              logits + index * length, outputs: outputs, y: y, z: z, flips: flips, weights: weights,
              to: place(z) + y * rowLength)
          }
        }
      }
    }
  }

  private static let band = 16

  /// Divides the slices that no further window reaches by their weights' totals.
  private func finish(upTo end: Int) {
    let first = finished
    member.pool.loop.forEach(end - first) { piece, _ in
      let z = first + piece
      for y in 0..<item.size.y {
        let row = place(z) + y * item.size.x * outputs
        let outer = 1 / (totals.z[z] * totals.y[y] * Double(flips.count))
        for x in 0..<item.size.x {
          let factor = Float(outer * totals.inverseX[x])
          for output in 0..<outputs { row[x * outputs + output] *= factor }
        }
      }
    }
    finished = end
  }
}
