import Foundations
import Harmonization
import Tensor

/// One patch's place in a case, also seen in a mirror.
package struct Window: Sendable {
  /// The case's voxels along x, y, z.
  package let size: SIMD3<Int>
  /// Where the patch begins in the case; may be before it.
  package let origin: SIMD3<Int>
  package let patch: Axes

  package init(size: SIMD3<Int>, origin: SIMD3<Int>, patch: Axes) {
    (self.size, self.origin, self.patch) = (size, origin, patch)
  }

  /// Slices, rows and columns of the case that the patch lies over.
  package var slices: Range<Int> { max(0, origin.z)..<min(size.z, origin.z + patch.depth) }
  package var rows: Range<Int> { max(0, origin.y)..<min(size.y, origin.y + patch.height) }
  package var columns: Range<Int> { max(0, origin.x)..<min(size.x, origin.x + patch.width) }

  /// The patch's row (its first voxel) that shows row y of slice z of the case.
  private func place(y: Int, z: Int, _ flips: Flips) -> Int {
    let (d, h) = (z - origin.z, y - origin.y)
    return
      ((flips.z ? patch.depth - 1 - d : d) * patch.height + (flips.y ? patch.height - 1 - h : h))
      * patch.width
  }

  /// Axes that the network sees mirrored.
  package struct Flips: Sendable, Equatable {
    package var x = false
    package var y = false
    package var z = false

    package init(x: Bool = false, y: Bool = false, z: Bool = false) {
      (self.x, self.y, self.z) = (x, y, z)
    }

    /// All combinations of the given axes (0 is x), none mirrored first: nnU-Net's order is by their number, the sum's is ours.
    static func combinations(of axes: [Int]) -> [Flips] {
      (0..<1 << axes.count).map { bits in
        let chosen = axes.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element)
        return Flips(x: chosen.contains(0), y: chosen.contains(1), z: chosen.contains(2))
      }
    }
  }

  /// Puts slice `d` of the patch as the network sees it into `input` `(depth, height, width, channel)`; 0 beside the case.
  package func load(
    slice d: Int, of image: UnsafePointer<Float>, channels: Int, flips: Flips = Flips(),
    into input: UnsafeMutablePointer<Float>
  ) {
    let length = patch.height * patch.width * channels
    let z = origin.z + (flips.z ? patch.depth - 1 - d : d)
    let target = input + d * length
    let isWhole = slices.contains(z) && rows.count == patch.height && columns.count == patch.width
    if !isWhole { target.update(repeating: 0, count: length) }
    guard slices.contains(z) else { return }
    let first = columns.lowerBound - origin.x
    for y in rows {
      let from = image + ((z * size.y + y) * size.x + columns.lowerBound) * channels
      let row = input + place(y: y, z: z, flips) * channels
      if !flips.x {
        (row + first * channels).update(from: from, count: columns.count * channels)
        continue
      }
      for i in 0..<columns.count {
        let to = row + (patch.width - 1 - first - i) * channels
        for c in 0..<channels { to[c] = from[i * channels + c] }
      }
    }
  }

  /// Adds weight · logits of row y of slice z of the case to `sums`, that row's `(x, output)`.
  ///
  /// `logits` and `weights` are the patch's, `(depth, height, width)`; the logits' are seen in the mirror, the weights not.
  func add(
    _ logits: UnsafePointer<Float>, outputs: Int, y: Int, z: Int, flips: Flips,
    weights: UnsafePointer<Float>, to sums: UnsafeMutablePointer<Float>
  ) {
    let first = columns.lowerBound - origin.x
    let weights = weights + place(y: y, z: z, Flips()) + first
    let target = sums + columns.lowerBound * outputs
    let row = logits + place(y: y, z: z, flips) * outputs
    let begin = flips.x ? row + (patch.width - 1 - first) * outputs : row + first * outputs
    Self.add(
      begin, step: flips.x ? -outputs : outputs, outputs: outputs, weights: weights, count: columns.count,
      to: target)
  }

  @inline(__always)
  private static func add(
    _ logits: UnsafePointer<Float>, step: Int, outputs: Int, weights: UnsafePointer<Float>, count: Int,
    to sums: UnsafeMutablePointer<Float>
  ) {
    // Four outputs at once: BraTS' labels, and the most that one register of any CPU holds.
    let whole = outputs / 4 * 4
    for i in 0..<count {
      let (from, to, weight) = (logits + i * step, sums + i * outputs, weights[i])
      var output = 0
      while output < whole {
        let place = UnsafeMutableRawPointer(to + output)
        let values = UnsafeRawPointer(from + output).loadUnaligned(as: SIMD4<Float>.self)
        let sum = place.loadUnaligned(as: SIMD4<Float>.self) + weight * values
        place.storeBytes(of: sum, as: SIMD4<Float>.self)
        output += 4
      }
      while output < outputs {
        to[output] += weight * from[output]
        output += 1
      }
    }
  }
}
