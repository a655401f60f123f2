#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where the rows of a tiled im2col matrix come from: a run of neighbouring taps along the width.
package struct TapRun {
  /// Offset of the run's first tap from the scaled position, in source voxels.
  package var depth: Int
  package var height: Int
  package var width: Int
  /// Taps in the run; they lie side by side in memory, `length · channels` values.
  package var length: Int

  package init(depth: Int, height: Int, width: Int, length: Int) {
    self.depth = depth
    self.height = height
    self.width = width
    self.length = length
  }
}

/// A grid of positions that looks into a source tensor `(batch, depth, height, width, channels)`.
package struct GatherGrid {
  package var positionDepth: Int
  package var positionHeight: Int
  package var positionWidth: Int
  package var sourceDepth: Int
  package var sourceHeight: Int
  package var sourceWidth: Int
  package var channels: Int
  package var strideDepth: Int
  package var strideHeight: Int
  package var strideWidth: Int

  package init(
    positions: (Int, Int, Int), source: (Int, Int, Int), channels: Int, stride: (Int, Int, Int)
  ) {
    (positionDepth, positionHeight, positionWidth) = positions
    (sourceDepth, sourceHeight, sourceWidth) = source
    self.channels = channels
    (strideDepth, strideHeight, strideWidth) = stride
  }
}

/// Fills rows `first..<first + count` of the im2col matrix: for each position (batch, depth, height,
/// width; width fastest) the taps of all runs, zero outside the source. Row length is `rowLength`.
package func gatherRows(
  _ grid: GatherGrid, runs: UnsafePointer<TapRun>, runCount: Int, rowLength: Int,
  source: UnsafePointer<Float>, first: Int, count: Int, into matrix: UnsafeMutablePointer<Float>
) {
  let channels = grid.channels
  var w = first % grid.positionWidth
  var rest = first / grid.positionWidth
  var h = rest % grid.positionHeight
  rest /= grid.positionHeight
  var d = rest % grid.positionDepth
  var b = rest / grid.positionDepth
  var target = matrix
  for _ in 0..<count {
    let sampleBase = b &* grid.sourceDepth
    var out = target
    for index in 0..<runCount {
      let run = runs[index]
      let length = run.length &* channels
      let z = d &* grid.strideDepth &+ run.depth
      let y = h &* grid.strideHeight &+ run.height
      if z < 0 || z >= grid.sourceDepth || y < 0 || y >= grid.sourceHeight {
        memset(out, 0, length &* 4)
      } else {
        let x = w &* grid.strideWidth &+ run.width
        let row = ((sampleBase &+ z) &* grid.sourceHeight &+ y) &* grid.sourceWidth
        copyRun(
          out, source + row &* channels, x: x, length: run.length, width: grid.sourceWidth,
          channels: channels)
      }
      out += length
    }
    target += rowLength
    w &+= 1
    if w == grid.positionWidth {
      w = 0
      h &+= 1
      if h == grid.positionHeight {
        h = 0
        d &+= 1
        if d == grid.positionDepth {
          d = 0
          b &+= 1
        }
      }
    }
  }
}

/// Copies taps `x..<x + length` of one source row, zero where they fall outside it.
@inline(__always)
private func copyRun(
  _ out: UnsafeMutablePointer<Float>, _ row: UnsafePointer<Float>, x: Int, length: Int, width: Int,
  channels: Int
) {
  if x >= 0 && x &+ length <= width {
    memcpy(out, row + x &* channels, length &* channels &* 4)
    return
  }
  for tap in 0..<length {
    let at = x &+ tap
    let cell = out + tap &* channels
    if at >= 0 && at < width {
      memcpy(cell, row + at &* channels, channels &* 4)
    } else {
      memset(cell, 0, channels &* 4)
    }
  }
}

/// Writes (or adds) `count` consecutive rows of a matrix to the strided places that they stand for.
package func scatterRows(
  _ matrix: UnsafePointer<Float>, rowLength: Int, first: Int, count: Int,
  positions: (depth: Int, height: Int, width: Int),
  target: (depth: Int, height: Int, width: Int),
  stride: (depth: Int, height: Int, width: Int), phase: (depth: Int, height: Int, width: Int),
  adding: Bool, into output: UnsafeMutablePointer<Float>
) {
  for row in 0..<count {
    let position = first &+ row
    let w = position % positions.width
    var rest = position / positions.width
    let h = rest % positions.height
    rest /= positions.height
    let d = rest % positions.depth
    let b = rest / positions.depth
    let z = d &* stride.depth &+ phase.depth
    let y = h &* stride.height &+ phase.height
    let x = w &* stride.width &+ phase.width
    let voxel = ((b &* target.depth &+ z) &* target.height &+ y) &* target.width &+ x
    let from = matrix + row &* rowLength
    let to = output + voxel &* rowLength
    if adding {
      for c in 0..<rowLength { to[c] += from[c] }
    } else {
      memcpy(to, from, rowLength &* 4)
    }
  }
}
