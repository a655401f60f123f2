import Kernels

extension CompiledKernels {
  package static func winogradOutput(
    _ block: WinogradBlock, source: UnsafePointer<Float>, target: TensorWrite, epilogue: Epilogue
  ) {
    let voxels = block.grid.depth &* block.grid.height &* block.grid.width
    let base = target.base + block.sample &* voxels &* target.stride
    for index in 0..<block.count {
      let place = TilePlace(results: block, index)
      var channel = 0
      while channel < block.channels {
        let lanes = min(16, block.channels &- channel)
        let from = source + (index &* block.tileStep &+ channel)
        let sink = TileSink(
          base: base + channel, stride: target.stride, lanes: lanes, isAdding: target.isAdding)
        switch epilogue {
        case .none:
          var gathered = NoGathering()
          outputTile(block, place, from, sink, &gathered)
        case .moments(let sums):
          var gathered = Moments()
          outputTile(block, place, from, sink, &gathered)
          add(gathered.sum, to: sums + channel, count: lanes)
          add(gathered.squares, to: sums + (block.channels &+ channel), count: lanes)
        case .normGradient(let input, let sums):
          guard let terms = input.terms(sample: block.sample) else { break }
          var gathered = NormGradientSums(
            input: input.base + (block.sample &* voxels &* input.stride &+ channel), stride: input.stride,
            norm: LaneNorm(terms, channel: channel, lanes: lanes), lanes: lanes)
          outputTile(block, place, from, sink, &gathered)
          add(gathered.sum, to: sums + channel, count: lanes)
          add(gathered.products, to: sums + (block.channels &+ channel), count: lanes)
        }
        channel &+= 16
      }
    }
  }
}

/// Where a tile's results go.
private struct TileSink {
  let base: UnsafeMutablePointer<Float>
  let stride: Int
  let lanes: Int
  let isAdding: Bool
}

/// What is summed of the results as they are written.
private protocol Gathering {
  mutating func take(_ value: Lanes, voxel: Int)
}

private struct NoGathering: Gathering {
  @inline(__always) mutating func take(_ value: Lanes, voxel: Int) {}
}

private struct Moments: Gathering {
  var sum = Lanes(repeating: 0)
  var squares = Lanes(repeating: 0)

  @inline(__always)
  mutating func take(_ value: Lanes, voxel: Int) {
    sum += value
    squares = fma(squares, value, value)
  }
}

private struct NormGradientSums: Gathering {
  let input: UnsafePointer<Float>
  let stride: Int
  let norm: LaneNorm
  let lanes: Int
  var sum = Lanes(repeating: 0)
  var products = Lanes(repeating: 0)

  @inline(__always)
  init(input: UnsafePointer<Float>, stride: Int, norm: LaneNorm, lanes: Int) {
    (self.input, self.stride, self.norm, self.lanes) = (input, stride, norm, lanes)
  }

  @inline(__always)
  mutating func take(_ value: Lanes, voxel: Int) {
    let x = load(input + voxel &* stride, count: lanes)
    let dz = norm.beforeActivation(x, value)
    sum += dz
    products = fma(products, dz, x - norm.mean)
  }
}

/// One tile of results for 16 channels: along the depth, then the height, then the width.
@inline(__always)
private func outputTile(
  _ block: WinogradBlock, _ place: TilePlace, _ source: UnsafePointer<Float>, _ sink: TileSink,
  _ gathered: inout some Gathering
) {
  let (md, mh, mw) = (block.tile.depth, block.tile.height, block.tile.width)
  let (nd, nh, nw) = (block.points.depth, block.points.height, block.points.width)
  let scratch = block.scratch
  let plane = nh &* nw
  let source = UnsafeMutablePointer(mutating: source)
  if nd > 1 {
    for position in 0..<plane {
      transformOutput(
        block.tile.depth,
        StridedLanes(base: source + position &* block.positionStep, step: plane &* block.positionStep),
        StridedLanes(base: scratch + position &* 16, step: plane &* 16))
    }
  }
  let depths = min(md, block.grid.depth &- place.depth)
  let heights = min(mh, block.grid.height &- place.height)
  let widths = min(mw, block.grid.width &- place.width)
  for d in 0..<depths {
    for w in 0..<nw {
      let column = StridedLanes(base: scratch + (d &* plane &+ w) &* 16, step: nw &* 16)
      if nd > 1 {
        transformOutput(block.tile.height, column, column)
      } else {
        transformOutput(
          block.tile.height,
          StridedLanes(base: source + w &* block.positionStep, step: nw &* block.positionStep), column)
      }
    }
    for h in 0..<heights {
      let line = StridedLanes(base: scratch + (d &* plane &+ h &* nw) &* 16, step: 16)
      transformOutput(block.tile.width, line, line)
      let voxel =
        ((place.depth &+ d) &* block.grid.height &+ place.height &+ h) &* block.grid.width &+ place.width
      for w in 0..<widths {
        let target = sink.base + (voxel &+ w) &* sink.stride
        var value = line(w)
        if sink.isAdding { value += load(target, count: sink.lanes) }
        store(value, target, count: sink.lanes)
        gathered.take(value, voxel: voxel &+ w)
      }
    }
  }
}
