import Foundations

/// Otsu's threshold (1979) as ITK finds it: 256 bins from the least value to a hundredth of a bin above the largest;
/// the upper edge of the bin after which the variance between the two classes is largest.
struct OtsuThreshold {
  private static let bins = 256

  /// Values above it are foreground.
  let value: Float

  /// nil for values that are all equal, or none.
  init?(_ voxels: [Float], loop: ParallelLoop) {
    let range = ValueRange(voxels, loop: loop)
    guard range.least < range.largest else { return nil }
    let least = Double(range.least)
    let extent = Double(range.largest) - least
    let width = (extent + extent / Double(Self.bins) / 100) / Double(Self.bins)
    let counts = Self.histogram(voxels, least: least, width: width, loop: loop)
    value = Float(least + width * Double(Self.split(counts) + 1))
  }

  private static func histogram(
    _ voxels: [Float], least: Double, width: Double, loop: ParallelLoop
  ) -> [Int] {
    let pieces = Pieces(of: voxels.count)
    // One histogram for each worker: whole numbers add up to the same in any order.
    var counts = [Int](repeating: 0, count: bins * loop.threads)
    counts.withUnsafeMutableBufferPointer { counts in
      voxels.withUnsafeBufferPointer { voxels in
        loop.forEach(pieces.count) { piece, worker in
          let mine = counts.baseAddress! + bins * worker
          for index in pieces[piece] {
            mine[min(bins - 1, Int((Double(voxels[index]) - least) / width))] += 1
          }
        }
      }
    }
    return (0..<bins).map { bin in (0..<loop.threads).reduce(0) { $0 + counts[bins * $1 + bin] } }
  }

  /// The last bin of the darker class.
  private static func split(_ counts: [Int]) -> Int {
    let all = Double(counts.reduce(0, +))
    let total = counts.indices.reduce(0.0) { $0 + Double($1 * counts[$1]) }
    var (below, sum) = (0.0, 0.0)
    var (best, highest) = (0, -1.0)
    for bin in 0..<counts.count - 1 {
      below += Double(counts[bin])
      sum += Double(bin * counts[bin])
      let difference = sum / below - (total - sum) / (all - below)
      let variance = below * (all - below) * difference * difference
      if variance > highest { (best, highest) = (bin, variance) }
    }
    return best
  }
}
