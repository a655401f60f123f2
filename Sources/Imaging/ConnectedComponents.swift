import Foundations

/// Which voxels are neighbours: those that share a face, also an edge, also a corner.
package enum Connectivity: Int, Sendable, Codable, CaseIterable {
  case faces = 6
  case edges = 18
  case corners = 26
}

/// The connected components of a mask inside a box, as runs along i: a brain has a hundred times fewer runs than voxels.
///
/// Components are numbered from 0 by their first voxel, i fastest, then j, then k: SciPy's `label` less 1.
package struct ConnectedComponents: Sendable {
  private struct Run {
    /// Voxels along i, the end left out.
    let start: Int32
    let end: Int32
  }

  /// The number of components.
  package let count: Int
  private let box: GridBox
  private let size: SIMD3<Int>
  private let runs: [Run]
  /// Where the runs of each row (j fastest, then k) of the box begin, and the end of the last.
  private let rows: [Int]
  /// The component of each run.
  private let component: [Int32]

  /// - Parameters:
  ///   - value: what the mask's voxels are where components are looked for; 0 finds those of its background.
  ///   - mask: i fastest, on a grid of `size`.
  package init(
    of value: UInt8 = 1, in mask: [UInt8], box: GridBox, size: SIMD3<Int>, connectivity: Connectivity,
    loop: ParallelLoop
  ) {
    precondition(mask.count == size.x * size.y * size.z, "a mask has as many voxels as its grid")
    self.box = box
    self.size = size
    let depth = box.size.z
    var slices = [(runs: [Run], counts: [Int])](repeating: ([], []), count: depth)
    slices.withUnsafeMutableBufferPointer { slices in
      mask.withUnsafeBufferPointer { mask in
        // Safe: each piece writes its own slice's place.
        nonisolated(unsafe) let slices = slices
        loop.forEach(depth) { slice, _ in
          slices[slice] = Self.runs(of: value, in: mask, slice: box.origin.z + slice, box: box, size: size)
        }
      }
    }
    runs = slices.flatMap(\.runs)
    var rows = [0]
    for slice in slices { for count in slice.counts { rows.append(rows[rows.count - 1] + count) } }
    self.rows = rows
    (component, count) = Self.join(runs, rows: rows, rowsInSlice: box.size.y, connectivity: connectivity)
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

  /// Joins runs that touch in neighbouring rows: a forest in which each run points at an earlier one, then numbered.
  private static func join(
    _ runs: [Run], rows: [Int], rowsInSlice: Int, connectivity: Connectivity
  ) -> (component: [Int32], count: Int) {
    var part = [Int32](0..<Int32(runs.count))
    var count: Int32 = 0
    part.withUnsafeMutableBufferPointer { part in
      func first(of run: Int) -> Int32 {
        var run = Int32(run)
        while part[Int(run)] != run {
          part[Int(run)] = part[Int(part[Int(run)])]
          run = part[Int(run)]
        }
        return run
      }
      /// Runs touch where they overlap once one is made longer by `reach` voxels at either end.
      func join(_ row: Int, with other: Int, reach: Int32) {
        var (a, b) = (rows[row], rows[other])
        while a < rows[row + 1] && b < rows[other + 1] {
          if runs[a].start < runs[b].end + reach && runs[b].start < runs[a].end + reach {
            let (one, two) = (first(of: a), first(of: b))
            part[Int(max(one, two))] = min(one, two)
          }
          if runs[a].end < runs[b].end { a += 1 } else { b += 1 }
        }
      }
      let near: Int32 = connectivity == .faces ? 0 : 1
      for row in 0..<rows.count - 1 {
        let j = row % rowsInSlice
        if j > 0 { join(row, with: row - 1, reach: near) }
        guard row >= rowsInSlice else { continue }
        let below = row - rowsInSlice
        join(row, with: below, reach: near)
        if connectivity == .faces { continue }
        let far: Int32 = connectivity == .corners ? 1 : 0
        if j > 0 { join(row, with: below - 1, reach: far) }
        if j + 1 < rowsInSlice { join(row, with: below + 1, reach: far) }
      }
      // Every run points at an earlier one, or is the first of its component: one pass in order numbers them.
      for run in 0..<part.count {
        if Int(part[run]) == run {
          part[run] = count
          count += 1
        } else {
          part[run] = part[Int(part[run])]
        }
      }
    }
    return (part, Int(count))
  }

  /// For each component whether it touches the box's faces; an axis with one voxel has none, so that a hole in a 2D
  /// image is one.
  package func touchingFaces() -> [Bool] {
    var touches = [Bool](repeating: false, count: count)
    forEachRun { component, columns, j, k in
      let isOnFace =
        size.x > 1 && (columns.lowerBound == box.origin.x || columns.upperBound == box.last.x + 1)
        || size.y > 1 && (j == box.origin.y || j == box.last.y)
        || size.z > 1 && (k == box.origin.z || k == box.last.z)
      if isOnFace { touches[component] = true }
    }
    return touches
  }

  /// The voxels of each component.
  package func voxelCounts() -> [Int] {
    var counts = [Int](repeating: 0, count: count)
    for (run, component) in zip(runs, component) { counts[Int(component)] += Int(run.end - run.start) }
    return counts
  }

  /// Sets the mask's voxels in the components that `isWanted` picks.
  package func write(_ value: UInt8, into mask: inout [UInt8], where isWanted: (_ component: Int) -> Bool) {
    precondition(mask.count == size.x * size.y * size.z, "the mask that the components were found in")
    mask.withUnsafeMutableBufferPointer { mask in
      forEachRun { component, columns, j, k in
        guard isWanted(component) else { return }
        let row = size.x * (j + size.y * k)
        for i in columns { mask[row + i] = value }
      }
    }
  }

  /// The grid with each component's number plus 1, i fastest; 0 elsewhere (SciPy's `label`).
  package func numbered() -> [Int32] {
    var numbers = [Int32](repeating: 0, count: size.x * size.y * size.z)
    numbers.withUnsafeMutableBufferPointer { numbers in
      forEachRun { component, columns, j, k in
        let row = size.x * (j + size.y * k)
        for i in columns { numbers[row + i] = Int32(component + 1) }
      }
    }
    return numbers
  }

  /// Calls `body` with each run's component and voxels, in the order of the grid.
  package func forEachRun(_ body: (_ component: Int, _ columns: Range<Int>, _ j: Int, _ k: Int) -> Void) {
    for row in 0..<rows.count - 1 {
      for run in rows[row]..<rows[row + 1] {
        body(
          Int(component[run]), Int(runs[run].start)..<Int(runs[run].end), box.origin.y + row % box.size.y,
          box.origin.z + row / box.size.y)
      }
    }
  }
}
