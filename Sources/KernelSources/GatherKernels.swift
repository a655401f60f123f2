import Kernels

extension CompiledKernels {
  package static func padLine(
    _ line: UnsafePointer<Float>?, stride: Int, width: Int, channels: Int, norm: NormTerms?, before: Int,
    after: Int, into target: UnsafeMutablePointer<Float>
  ) {
    guard let line else {
      clear(target, (before &+ width &+ after) &* channels)
      return
    }
    clear(target, before &* channels)
    if norm == nil && stride == channels {
      copy(target + before &* channels, line, width &* channels)
    } else {
      readRows(
        line, stride: stride, rows: width, channels: channels, norm: norm, into: target + before &* channels,
        targetStride: channels)
    }
    clear(target + (before &+ width) &* channels, after &* channels)
  }

  package static func gatherRows(
    _ grid: GatherGrid, runs: UnsafePointer<TapRun>, runCount: Int, rowLength: Int, source: TensorRead,
    first: Int, count: Int, into matrix: UnsafeMutablePointer<Float>
  ) {
    var position = first
    let end = first &+ count
    while position < end {
      // A stretch of positions along one line of the grid shares all checks but those along the width.
      let w = position % grid.positions.width
      let stretch = min(grid.positions.width &- w, end &- position)
      var rest = position / grid.positions.width
      let h = rest % grid.positions.height
      rest /= grid.positions.height
      let d = rest % grid.positions.depth
      let sample = rest / grid.positions.depth
      let norm = source.terms(sample: sample)
      var target = matrix + (position &- first) &* rowLength
      for index in 0..<runCount {
        let run = runs[index]
        let z = d &* grid.step.depth &+ run.depth
        let y = h &* grid.step.height &+ run.height
        let isInside = z >= 0 && z < grid.source.depth && y >= 0 && y < grid.source.height
        let line = ((sample &* grid.source.depth &+ z) &* grid.source.height &+ y) &* grid.source.width
        gatherLine(
          isInside ? source.base + line &* source.stride : nil, stride: source.stride, grid: grid,
          x: w &* grid.step.width &+ run.width, taps: run.length, count: stretch, norm: norm,
          into: target, rowLength: rowLength)
        target += run.length &* grid.channels
      }
      position &+= stretch
    }
  }

  package static func scatterRows(
    _ matrix: UnsafePointer<Float>, scatter: ScatterGrid, first: Int, count: Int, isAdding: Bool,
    into target: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<count {
      let voxel = scatteredVoxel(scatter, first &+ row)
      let from = matrix + row &* scatter.rowStride
      let to = target + voxel &* scatter.targetStride
      var channel = 0
      while channel < scatter.channels {
        let lanes = min(16, scatter.channels &- channel)
        var value = load(from + channel, count: lanes)
        if isAdding { value += load(to + channel, count: lanes) }
        store(value, to + channel, count: lanes)
        channel &+= 16
      }
    }
  }
}

/// The target voxel of a row.
@inline(__always)
private func scatteredVoxel(_ scatter: ScatterGrid, _ position: Int) -> Int {
  let w = position % scatter.positions.width
  var rest = position / scatter.positions.width
  let h = rest % scatter.positions.height
  rest /= scatter.positions.height
  let d = rest % scatter.positions.depth
  let z =
    (rest / scatter.positions.depth) &* scatter.target.depth &+ d &* scatter.step.depth &+ scatter.phase.depth
  let y = z &* scatter.target.height &+ h &* scatter.step.height &+ scatter.phase.height
  return y &* scatter.target.width &+ w &* scatter.step.width &+ scatter.phase.width
}

/// One run of taps for `count` positions along a line: position i begins at source voxel `x + i·step`.
@inline(__always)
private func gatherLine(
  _ line: UnsafePointer<Float>?, stride: Int, grid: GatherGrid, x: Int, taps: Int, count: Int,
  norm: NormTerms?, into matrix: UnsafeMutablePointer<Float>, rowLength: Int
) {
  for i in 0..<count {
    let start = x &+ i &* grid.step.width
    let row = matrix + i &* rowLength
    for tap in 0..<taps {
      let at = start &+ tap
      let cell = row + tap &* grid.channels
      if let line, at >= 0 && at < grid.source.width {
        readVoxel(line + at &* stride, grid.channels, norm, cell)
      } else {
        clear(cell, grid.channels)
      }
    }
  }
}

@inline(__always)
private func readVoxel(
  _ source: UnsafePointer<Float>, _ channels: Int, _ norm: NormTerms?, _ target: UnsafeMutablePointer<Float>
) {
  var channel = 0
  while channel < channels {
    let lanes = min(16, channels &- channel)
    var value = load(source + channel, count: lanes)
    if let norm {
      value = leaky(
        fma(load(norm.shift + channel, count: lanes), value, load(norm.scale + channel, count: lanes)),
        load(norm.slope + channel, count: lanes))
    }
    store(value, target + channel, count: lanes)
    channel &+= 16
  }
}

@inline(__always)
private func copy(_ target: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>, _ count: Int) {
  var i = 0
  while i &+ 16 <= count {
    store(load(source + i), target + i)
    i &+= 16
  }
  while i < count {
    target[i] = source[i]
    i &+= 1
  }
}

@inline(__always)
private func clear(_ target: UnsafeMutablePointer<Float>, _ count: Int) {
  var i = 0
  while i &+ 16 <= count {
    store(Lanes(repeating: 0), target + i)
    i &+= 16
  }
  while i < count {
    target[i] = 0
    i &+= 1
  }
}
