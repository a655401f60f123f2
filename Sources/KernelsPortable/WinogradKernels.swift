import Kernels

extension CompiledKernels {
  package static func winogradInput(
    _ block: WinogradBlock, source: TensorRead, into target: UnsafeMutablePointer<Float>
  ) {
    let terms = source.terms(sample: block.sample)
    let base =
      source.base + block.sample &* (block.grid.depth &* block.grid.height &* block.grid.width)
      &* source.stride
    for index in 0..<block.count {
      let place = TilePlace(block, index)
      var channel = 0
      while channel < block.channels {
        let lanes = min(16, block.channels &- channel)
        let out = target + (index &* block.tileStep &+ channel)
        let from = base + channel
        if lanes < 16 {
          let norm = terms.map { LaneNorm($0, channel: channel, lanes: lanes) } ?? .identity
          let inner = PartialLanes(base: from, step: source.stride, norm: norm, lanes: lanes)
          inputTile(block, place, EdgeLanes(inner, place, block), out)
        } else if let terms {
          let inner = InnerLanes(
            base: from, step: source.stride, norm: LaneNorm(terms, channel: channel, lanes: lanes))
          if place.isInsideWidth {
            inputTile(block, place, inner, out)
          } else {
            inputTile(block, place, EdgeLanes(inner, place, block), out)
          }
        } else {
          let inner = PlainLanes(base: from, step: source.stride)
          if place.isInsideWidth {
            inputTile(block, place, inner, out)
          } else {
            inputTile(block, place, EdgeLanes(inner, place, block), out)
          }
        }
        channel &+= 16
      }
    }
  }

  package static func winogradGradient(
    _ block: WinogradBlock, source: GradientRead, into target: UnsafeMutablePointer<Float>
  ) {
    let voxels = block.grid.depth &* block.grid.height &* block.grid.width
    let base = source.values + block.sample &* voxels &* source.stride
    for index in 0..<block.count {
      let place = TilePlace(results: block, index)
      var channel = 0
      while channel < block.channels {
        let lanes = min(16, block.channels &- channel)
        let out = target + (index &* block.tileStep &+ channel)
        if let output = source.output, let terms = output.terms(sample: block.sample) {
          gradientTile(
            block, place,
            NormGradientLanes(
              values: base + channel, stride: source.stride,
              output: output.base + (block.sample &* voxels &* output.stride &+ channel),
              outputStride: output.stride,
              norm: LaneNorm(terms, channel: channel, lanes: lanes), lanes: lanes), out)
        } else {
          gradientTile(
            block, place, PlainGradientLanes(values: base + channel, stride: source.stride, lanes: lanes), out
          )
        }
        channel &+= 16
      }
    }
  }
}

/// Where a tile lies in its tensor.
struct TilePlace {
  /// First voxel along each axis; before the grid where the tile reaches into the padding.
  let depth: Int
  let height: Int
  let width: Int
  /// Whether no line of the tile begins before the grid or ends beyond it.
  let isInsideWidth: Bool

  /// A tile of inputs.
  @inline(__always)
  init(_ block: WinogradBlock, _ index: Int) {
    let (d, h, w) = Self.place(block, index)
    depth = d &* block.tile.depth &- block.padding.depth
    height = h &* block.tile.height &- block.padding.height
    width = w &* block.tile.width &- block.padding.width
    isInsideWidth = width >= 0 && width &+ block.points.width <= block.grid.width
  }

  /// A tile of results.
  @inline(__always)
  init(results block: WinogradBlock, _ index: Int) {
    let (d, h, w) = Self.place(block, index)
    depth = d &* block.tile.depth
    height = h &* block.tile.height
    width = w &* block.tile.width
    isInsideWidth = width &+ block.tile.width <= block.grid.width
  }

  @inline(__always)
  private static func place(_ block: WinogradBlock, _ index: Int) -> (Int, Int, Int) {
    let tile = block.first &+ index
    let w = tile % block.tiles.width
    let rest = tile / block.tiles.width
    return (rest / block.tiles.height, rest % block.tiles.height, w)
  }
}

/// One tile of inputs for 16 channels: along the width, then the height, then the depth.
@inline(__always)
private func inputTile(
  _ block: WinogradBlock, _ place: TilePlace, _ source: some TensorLanes, _ out: UnsafeMutablePointer<Float>
) {
  let (nd, nh, nw) = (block.points.depth, block.points.height, block.points.width)
  let scratch = block.scratch
  for d in 0..<nd {
    for h in 0..<nh {
      let z = place.depth &+ d
      let y = place.height &+ h
      let sink = StridedLanes(base: scratch + (d &* nh &+ h) &* nw &* 16, step: 16)
      if z >= 0 && z < block.grid.depth && y >= 0 && y < block.grid.height {
        let voxel = (z &* block.grid.height &+ y) &* block.grid.width &+ place.width
        transformInput(block.tile.width, source.line(voxel), sink)
      } else {
        for w in 0..<nw { sink(w, Lanes(repeating: 0)) }
      }
    }
  }
  let line = nw &* 16
  for d in 0..<nd {
    for w in 0..<nw {
      let column = StridedLanes(base: scratch + (d &* nh &* nw &+ w) &* 16, step: line)
      if nd == 1 {
        transformInput(
          block.tile.height, column,
          StridedLanes(base: out + w &* block.positionStep, step: nw &* block.positionStep))
      } else {
        transformInput(block.tile.height, column, column)
      }
    }
  }
  if nd == 1 { return }
  let plane = nh &* nw
  for position in 0..<plane {
    transformInput(
      block.tile.depth, StridedLanes(base: scratch + position &* 16, step: plane &* 16),
      StridedLanes(base: out + position &* block.positionStep, step: plane &* block.positionStep))
  }
}

/// One tile of gradients for 16 channels; results beyond the grid count as zero.
@inline(__always)
private func gradientTile(
  _ block: WinogradBlock, _ place: TilePlace, _ source: some GradientLanes, _ out: UnsafeMutablePointer<Float>
) {
  let (md, mh) = (block.tile.depth, block.tile.height)
  let (nd, nh, nw) = (block.points.depth, block.points.height, block.points.width)
  let scratch = block.scratch
  let width = min(block.tile.width, block.grid.width &- place.width)
  for d in 0..<md {
    for h in 0..<mh {
      let z = place.depth &+ d
      let y = place.height &+ h
      let sink = StridedLanes(base: scratch + (d &* nh &+ h) &* nw &* 16, step: 16)
      if z < block.grid.depth && y < block.grid.height {
        let voxel = (z &* block.grid.height &+ y) &* block.grid.width &+ place.width
        transformGradient(block.tile.width, source.line(voxel, count: width), sink)
      } else {
        for w in 0..<nw { sink(w, Lanes(repeating: 0)) }
      }
    }
  }
  let line = nw &* 16
  for d in 0..<md {
    for w in 0..<nw {
      let column = StridedLanes(base: scratch + (d &* nh &* nw &+ w) &* 16, step: line)
      if nd == 1 {
        transformGradient(
          block.tile.height, column,
          StridedLanes(base: out + w &* block.positionStep, step: nw &* block.positionStep))
      } else {
        transformGradient(block.tile.height, column, column)
      }
    }
  }
  if nd == 1 { return }
  let plane = nh &* nw
  for position in 0..<plane {
    transformGradient(
      block.tile.depth, StridedLanes(base: scratch + position &* 16, step: plane &* 16),
      StridedLanes(base: out + position &* block.positionStep, step: plane &* block.positionStep))
  }
}
