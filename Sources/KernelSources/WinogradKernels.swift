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
private struct TilePlace {
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
  switch block.tile.width {
  case 2: inputLines(Tile2.self, block, place, source)
  case 4: inputLines(Tile4.self, block, place, source)
  case 6: inputLines(Tile6.self, block, place, source)
  default: inputLines(Tile1.self, block, place, source)
  }
  let (nd, nh, nw) = block.points
  let columns = LineSet(base: block.scratch, outerStep: nh &* nw &* 16, innerStep: 16, step: nw &* 16)
  finish(inputPass, block, lines: LineCount(outer: nd, inner: nw), columns: columns, out)
}

/// A tile's lines along the width, from the tensor into the scratch; lines beyond the grid are zero.
private func inputLines<Tile: AxisTile>(
  _ tile: Tile.Type, _ block: WinogradBlock, _ place: TilePlace, _ source: some TensorLanes
) {
  let (nd, nh, _) = block.points
  var sink = StridedLanes(base: block.scratch, step: 16)
  for d in 0..<nd {
    let z = place.depth &+ d
    for h in 0..<nh {
      let y = place.height &+ h
      if z >= 0 && z < block.grid.depth && y >= 0 && y < block.grid.height {
        let voxel = (z &* block.grid.height &+ y) &* block.grid.width &+ place.width
        Tile.input(source.line(voxel), &sink)
        // The next tile's new voxels: too many lines at once for the CPU to foresee.
        for w in Tile.points..<Tile.points &+ Tile.results { source.prefetch(voxel &+ w) }
      } else {
        for w in 0..<Tile.points { sink(w, Lanes(repeating: 0)) }
      }
      sink.base += Tile.points &* 16
    }
  }
}

/// One tile of gradients for 16 channels; results beyond the grid count as zero.
@inline(__always)
private func gradientTile(
  _ block: WinogradBlock, _ place: TilePlace, _ source: some GradientLanes, _ out: UnsafeMutablePointer<Float>
) {
  switch block.tile.width {
  case 2: gradientLines(Tile2.self, block, place, source)
  case 4: gradientLines(Tile4.self, block, place, source)
  case 6: gradientLines(Tile6.self, block, place, source)
  default: gradientLines(Tile1.self, block, place, source)
  }
  let (_, nh, nw) = block.points
  let columns = LineSet(base: block.scratch, outerStep: nh &* nw &* 16, innerStep: 16, step: nw &* 16)
  finish(gradientPass, block, lines: LineCount(outer: block.tile.depth, inner: nw), columns: columns, out)
}

/// A tile's lines along the width, from the gradient into the scratch.
private func gradientLines<Tile: AxisTile>(
  _ tile: Tile.Type, _ block: WinogradBlock, _ place: TilePlace, _ source: some GradientLanes
) {
  let width = min(Tile.results, block.grid.width &- place.width)
  for d in 0..<block.tile.depth {
    for h in 0..<block.tile.height {
      let z = place.depth &+ d
      let y = place.height &+ h
      var sink = StridedLanes(
        base: block.scratch + (d &* block.points.height &+ h) &* Tile.points &* 16, step: 16)
      if z < block.grid.depth && y < block.grid.height {
        let voxel = (z &* block.grid.height &+ y) &* block.grid.width &+ place.width
        Tile.gradient(source.line(voxel, count: width), &sink)
        for w in Tile.results..<2 &* Tile.results { source.prefetch(voxel &+ w) }
      } else {
        for w in 0..<Tile.points { sink(w, Lanes(repeating: 0)) }
      }
    }
  }
}

/// The passes along the height and the depth, in place, the last one into the block.
@inline(__always)
private func finish(
  _ pass: (Int, LineCount, LineSet, LineSet) -> Void, _ block: WinogradBlock, lines: LineCount,
  columns: LineSet, _ out: UnsafeMutablePointer<Float>
) {
  let plane = block.points.height &* block.points.width
  let step = block.positionStep
  if block.points.depth == 1 {
    let target = LineSet(base: out, outerStep: 0, innerStep: step, step: block.points.width &* step)
    pass(block.tile.height, lines, columns, target)
    return
  }
  pass(block.tile.height, lines, columns, columns)
  pass(
    block.tile.depth, LineCount(outer: 1, inner: plane),
    LineSet(base: block.scratch, outerStep: 0, innerStep: 16, step: plane &* 16),
    LineSet(base: out, outerStep: 0, innerStep: step, step: plane &* step))
}
