import Kernels

/// Lines of vectors in memory: `inner` lines to each of `outer` groups.
private struct LineSet {
  let base: UnsafeMutablePointer<Float>
  /// Values from one group to the next, from one line to the next, and along a line.
  let outerStep: Int
  let innerStep: Int
  let step: Int

  @inline(__always)
  func line(_ outer: Int, _ inner: Int) -> StridedLanes {
    StridedLanes(base: base + (outer &* outerStep &+ inner &* innerStep), step: step)
  }
}

/// How many lines a pass transforms.
private struct LineCount {
  let outer: Int
  let inner: Int
}

// One pass over lines for each transform. The tile's size is looked at once, outside the loop.

private func inputPass(_ tile: Int, _ count: LineCount, from: LineSet, to: LineSet) {
  switch tile {
  case 2: eachLine(count, from, to) { Tile2.input($0, &$1) }
  case 4: eachLine(count, from, to) { Tile4.input($0, &$1) }
  case 6: eachLine(count, from, to) { Tile6.input($0, &$1) }
  default: eachLine(count, from, to) { Tile1.input($0, &$1) }
  }
}

private func outputPass(_ tile: Int, _ count: LineCount, from: LineSet, to: LineSet) {
  switch tile {
  case 2: eachLine(count, from, to) { Tile2.output($0, &$1) }
  case 4: eachLine(count, from, to) { Tile4.output($0, &$1) }
  case 6: eachLine(count, from, to) { Tile6.output($0, &$1) }
  default: eachLine(count, from, to) { Tile1.output($0, &$1) }
  }
}

private func gradientPass(_ tile: Int, _ count: LineCount, from: LineSet, to: LineSet) {
  switch tile {
  case 2: eachLine(count, from, to) { Tile2.gradient($0, &$1) }
  case 4: eachLine(count, from, to) { Tile4.gradient($0, &$1) }
  case 6: eachLine(count, from, to) { Tile6.gradient($0, &$1) }
  default: eachLine(count, from, to) { Tile1.gradient($0, &$1) }
  }
}

private func filterPass(_ tile: Int, _ count: LineCount, from: LineSet, to: LineSet) {
  switch tile {
  case 2: eachLine(count, from, to) { Tile2.filter($0, &$1) }
  case 4: eachLine(count, from, to) { Tile4.filter($0, &$1) }
  case 6: eachLine(count, from, to) { Tile6.filter($0, &$1) }
  default: eachLine(count, from, to) { Tile1.filter($0, &$1) }
  }
}

private func filterGradientPass(_ tile: Int, _ count: LineCount, from: LineSet, to: LineSet) {
  switch tile {
  case 2: eachLine(count, from, to) { Tile2.filterGradient($0, &$1) }
  case 4: eachLine(count, from, to) { Tile4.filterGradient($0, &$1) }
  case 6: eachLine(count, from, to) { Tile6.filterGradient($0, &$1) }
  default: eachLine(count, from, to) { Tile1.filterGradient($0, &$1) }
  }
}

@inline(__always)
private func eachLine(
  _ count: LineCount, _ from: LineSet, _ to: LineSet, _ transform: (StridedLanes, inout StridedLanes) -> Void
) {
  for outer in 0..<count.outer {
    for inner in 0..<count.inner {
      var sink = to.line(outer, inner)
      transform(from.line(outer, inner), &sink)
    }
  }
}
