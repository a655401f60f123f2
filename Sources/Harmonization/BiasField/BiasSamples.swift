import Foundations
import Imaging

/// Brain voxels on a thinned grid of a scan: what its bias field is fitted to.
package struct BiasSamples: Sendable {
  /// Voxels of the scan's grid.
  let size: SIMD3<Int>
  /// Voxels of the scan that the thinned grid keeps along i, j, k.
  let kept: [[Int]]
  /// Place in `kept[0]` of each sample; samples are in the grid's order.
  let columns: [Int]
  /// Where the samples of each row begin, and the end: row j, k of the thinned grid is number j + k · kept[1].count.
  let rows: [Int]
  /// Natural logarithms of the scan's values.
  package let logs: [Float]

  /// Keeps voxels `distance` mm apart. Those that are not above 0 (or not finite) have no logarithm and are left out.
  ///
  /// Throws `HarmonizationError.noBiasSample` where none is left, `.flatBiasSamples` where all are equal.
  package init(_ volume: Volume, mask: [UInt8], distance: Double) throws {
    precondition(mask.count == volume.voxels.count, "a mask has as many voxels as its scan")
    size = volume.geometry.size
    let (size, spacing) = (size, volume.geometry.spacing)
    kept = (0..<3).map { Self.kept(of: size[$0], spacing: spacing[$0], distance: distance) }
    var columns: [Int] = []
    var rows = [0]
    var logs: [Float] = []
    for k in kept[2] {
      for j in kept[1] {
        let row = volume.geometry.offset(0, j, k)
        for (column, i) in kept[0].enumerated() {
          let value = volume.voxels[row + i]
          if mask[row + i] != 0 && value > 0 && value.isFinite {
            columns.append(column)
            logs.append(Float(PortableMath.log(Double(value))))
          }
        }
        rows.append(columns.count)
      }
    }
    guard !columns.isEmpty else {
      throw HarmonizationError.noBiasSample(
        brainVoxels: mask.reduce(0) { $0 + ($1 == 0 ? 0 : 1) }, distance: distance)
    }
    guard logs.contains(where: { $0 != logs[0] }) else {
      throw HarmonizationError.flatBiasSamples(count: logs.count)
    }
    (self.columns, self.rows, self.logs) = (columns, rows, logs)
  }

  /// Every n-th voxel of an axis, not further than `distance` mm apart; as many left out at its beginning as at its end.
  private static func kept(of length: Int, spacing: Double, distance: Double) -> [Int] {
    // A spacing may be off by its rounding to a header's float.
    let step = Int(min(max(distance / spacing + 1e-3, 1), Double(length)))
    let count = max(1, length / step)
    let margin = (length - 1 - (count - 1) * step) / 2
    return (0..<count).map { margin + $0 * step }
  }

  package var count: Int { logs.count }
  var slices: Int { kept[2].count }

  /// The samples of slice k of the thinned grid.
  func slice(_ k: Int) -> Range<Int> { rows[k * kept[1].count]..<rows[(k + 1) * kept[1].count] }

  /// Runs `body` for each slice of the thinned grid, and gives back what it returns, in order of slices.
  ///
  /// Sums are taken slice by slice, so that they come out the same for any number of threads.
  func map<Value: Sendable>(
    _ initial: Value, _ loop: ParallelLoop, _ body: (_ slice: Int) -> Value
  ) -> [Value] {
    var results = [Value](repeating: initial, count: slices)
    results.withUnsafeMutableBufferPointer { results in
      // Safe: each piece writes its own element.
      nonisolated(unsafe) let results = results
      loop.forEach(slices) { k, _ in results[k] = body(k) }
    }
    return results
  }

  /// One number for each sample.
  func values(_ loop: ParallelLoop, _ value: (_ sample: Int) -> Float) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { output, initialized in
      // Safe: each piece writes its own slice's samples.
      nonisolated(unsafe) let output = output.baseAddress!
      loop.forEach(slices) { k, _ in
        for sample in slice(k) { (output + sample).initialize(to: value(sample)) }
      }
      initialized = count
    }
  }
}
