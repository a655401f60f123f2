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
  var position = first
  let end = first &+ count
  while position < end {
    // A stretch of positions along one line of the grid shares all checks but those along the width.
    let w = position % grid.positionWidth
    let stretch = min(grid.positionWidth &- w, end &- position)
    var rest = position / grid.positionWidth
    let h = rest % grid.positionHeight
    rest /= grid.positionHeight
    let d = rest % grid.positionDepth
    let b = rest / grid.positionDepth
    var target = matrix + (position &- first) &* rowLength
    for index in 0..<runCount {
      let run = runs[index]
      let z = d &* grid.strideDepth &+ run.depth
      let y = h &* grid.strideHeight &+ run.height
      let isInside = z >= 0 && z < grid.sourceDepth && y >= 0 && y < grid.sourceHeight
      if isInside {
        let line = ((b &* grid.sourceDepth &+ z) &* grid.sourceHeight &+ y) &* grid.sourceWidth
        gatherLine(
          source + line &* grid.channels, width: grid.sourceWidth, channels: grid.channels,
          x: w &* grid.strideWidth &+ run.width, step: grid.strideWidth, taps: run.length,
          count: stretch, into: target, rowLength: rowLength)
      } else {
        for i in 0..<stretch { clear(target + i &* rowLength, run.length &* grid.channels) }
      }
      target += run.length &* grid.channels
    }
    position &+= stretch
  }
}

/// One run of taps for `count` positions along a line: position i begins at source voxel `x + i·step`.
@inline(__always)
private func gatherLine(
  _ line: UnsafePointer<Float>, width: Int, channels: Int, x: Int, step: Int, taps: Int, count: Int,
  into matrix: UnsafeMutablePointer<Float>, rowLength: Int
) {
  let length = taps &* channels
  for i in 0..<count {
    let start = x &+ i &* step
    let row = matrix + i &* rowLength
    if start >= 0 && start &+ taps <= width {
      copy(row, line + start &* channels, length)
    } else {
      for tap in 0..<taps {
        let at = start &+ tap
        let cell = row + tap &* channels
        if at >= 0 && at < width {
          copy(cell, line + at &* channels, channels)
        } else {
          clear(cell, channels)
        }
      }
    }
  }
}

/// Copies a few dozen values: a call of memcpy would cost more than the copy.
@inline(__always)
private func copy(_ target: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>, _ count: Int) {
  var i = 0
  let from = UnsafeRawPointer(source)
  let to = UnsafeMutableRawPointer(target)
  while i &+ 8 <= count {
    to.storeBytes(
      of: from.loadUnaligned(fromByteOffset: i &* 4, as: SIMD8<Float>.self), toByteOffset: i &* 4,
      as: SIMD8<Float>.self)
    i &+= 8
  }
  while i < count {
    target[i] = source[i]
    i &+= 1
  }
}

@inline(__always)
private func clear(_ target: UnsafeMutablePointer<Float>, _ count: Int) {
  var i = 0
  while i < count {
    target[i] = 0
    i &+= 1
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
