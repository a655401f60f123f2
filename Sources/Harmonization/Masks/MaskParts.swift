import Foundations
import Imaging

/// The parts of a mask inside a box whose voxels are joined through faces, as runs along i: a brain has a hundred
/// times fewer runs than voxels.
struct MaskParts {
  private struct Run {
    /// Voxels along i, the end left out.
    let start: Int32
    let end: Int32
  }

  private let box: GridBox
  private let size: SIMD3<Int>
  private let runs: [Run]
  /// Where the runs of each row (j fastest, then k) of the box begin, and the end of the last.
  private let rows: [Int]
  /// The part of each run, by the number of its first run.
  private let part: [Int32]

  /// - Parameters:
  ///   - value: 1 for parts of the mask, 0 for parts of its background.
  ///   - mask: 0 or 1, i fastest, on a grid of `size`.
  init(of value: UInt8, in mask: [UInt8], box: GridBox, size: SIMD3<Int>, loop: ParallelLoop) {
    self.box = box
    self.size = size
    let depth = box.last.z - box.origin.z + 1
    var slices = [(runs: [Run], counts: [Int])](repeating: ([], []), count: depth)
    slices.withUnsafeMutableBufferPointer { slices in
      mask.withUnsafeBufferPointer { mask in
        loop.forEach(depth) { slice, _ in
          slices[slice] = Self.runs(of: value, in: mask, slice: box.origin.z + slice, box: box, size: size)
        }
      }
    }
    runs = slices.flatMap(\.runs)
    var rows = [0]
    for slice in slices { for count in slice.counts { rows.append(rows[rows.count - 1] + count) } }
    self.rows = rows
    part = Self.join(runs, rows: rows, rowsInSlice: box.last.y - box.origin.y + 1)
  }

  private static func runs(
    of value: UInt8, in mask: UnsafeBufferPointer<UInt8>, slice k: Int, box: GridBox, size: SIMD3<Int>
  ) -> (runs: [Run], counts: [Int]) {
    var (runs, counts) = ([Run](), [Int]())
    for j in box.origin.y...box.last.y {
      let row = size.x * (j + size.y * k)
      let before = runs.count
      var i = box.origin.x
      while true {
        while i <= box.last.x && mask[row + i] != value { i += 1 }
        if i > box.last.x { break }
        let start = i
        while i <= box.last.x && mask[row + i] == value { i += 1 }
        runs.append(Run(start: Int32(start), end: Int32(i)))
      }
      counts.append(runs.count - before)
    }
    return (runs, counts)
  }

  /// Joins runs that overlap in neighbouring rows: a forest in which each run points at an earlier one.
  private static func join(_ runs: [Run], rows: [Int], rowsInSlice: Int) -> [Int32] {
    var part = [Int32](0..<Int32(runs.count))
    part.withUnsafeMutableBufferPointer { part in
      func first(of run: Int) -> Int32 {
        var run = Int32(run)
        while part[Int(run)] != run {
          part[Int(run)] = part[Int(part[Int(run)])]
          run = part[Int(run)]
        }
        return run
      }
      func join(_ row: Int, with other: Int) {
        var (a, b) = (rows[row], rows[other])
        while a < rows[row + 1] && b < rows[other + 1] {
          if runs[a].start < runs[b].end && runs[b].start < runs[a].end {
            let (one, two) = (first(of: a), first(of: b))
            part[Int(max(one, two))] = min(one, two)
          }
          if runs[a].end < runs[b].end { a += 1 } else { b += 1 }
        }
      }
      for row in 0..<rows.count - 1 {
        if row % rowsInSlice > 0 { join(row, with: row - 1) }
        if row >= rowsInSlice { join(row, with: row - rowsInSlice) }
      }
      for run in 0..<part.count { part[run] = part[Int(part[run])] }
    }
    return part
  }

  /// For each part whether it touches the box's faces; an axis with one voxel has none, so that a hole in a 2D
  /// image is one.
  func touchingFaces() -> [Bool] {
    var touches = [Bool](repeating: false, count: runs.count)
    forEachRun { run, j, k in
      let isOnFace =
        size.x > 1 && (Int(runs[run].start) == box.origin.x || Int(runs[run].end) == box.last.x + 1)
        || size.y > 1 && (j == box.origin.y || j == box.last.y)
        || size.z > 1 && (k == box.origin.z || k == box.last.z)
      if isOnFace { touches[Int(part[run])] = true }
    }
    return touches
  }

  /// The voxels of each part.
  func voxelCounts() -> [Int] {
    var counts = [Int](repeating: 0, count: runs.count)
    for (run, part) in zip(runs, part) { counts[Int(part)] += Int(run.end - run.start) }
    return counts
  }

  /// Sets the mask's voxels in the parts that `isWanted` picks.
  func write(_ value: UInt8, into mask: inout [UInt8], where isWanted: (_ part: Int) -> Bool) {
    mask.withUnsafeMutableBufferPointer { mask in
      forEachRun { run, j, k in
        guard isWanted(Int(part[run])) else { return }
        let row = size.x * (j + size.y * k)
        for i in runs[run].start..<runs[run].end { mask[row + Int(i)] = value }
      }
    }
  }

  private func forEachRun(_ body: (_ run: Int, _ j: Int, _ k: Int) -> Void) {
    let rowsInSlice = box.last.y - box.origin.y + 1
    for row in 0..<rows.count - 1 {
      for run in rows[row]..<rows[row + 1] {
        body(run, box.origin.y + row % rowsInSlice, box.origin.z + row / rowsInSlice)
      }
    }
  }
}
