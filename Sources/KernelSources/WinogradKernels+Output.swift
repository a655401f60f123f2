import CProcessor
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
  /// Asks for what `take` will read.
  func prefetch(_ voxel: Int)
}

extension Gathering {
  @inline(__always) func prefetch(_ voxel: Int) {}
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

  @inline(__always)
  func prefetch(_ voxel: Int) { segfed_prefetch(input + voxel &* stride) }
}

/// One tile of results for 16 channels: along the depth, then the height, then the width.
@inline(__always)
private func outputTile(
  _ block: WinogradBlock, _ place: TilePlace, _ source: UnsafePointer<Float>, _ sink: TileSink,
  _ gathered: inout some Gathering
) {
  let (nd, nh, nw) = block.points
  let plane = nh &* nw
  let step = block.positionStep
  let source = UnsafeMutablePointer(mutating: source)
  let columns = LineSet(base: block.scratch, outerStep: plane &* 16, innerStep: 16, step: nw &* 16)
  let depths = min(block.tile.depth, block.grid.depth &- place.depth)
  if nd > 1 {
    outputPass(
      block.tile.depth, LineCount(outer: 1, inner: plane),
      from: LineSet(base: source, outerStep: 0, innerStep: step, step: plane &* step),
      to: LineSet(base: block.scratch, outerStep: 0, innerStep: 16, step: plane &* 16))
    outputPass(block.tile.height, LineCount(outer: depths, inner: nw), from: columns, to: columns)
  } else {
    outputPass(
      block.tile.height, LineCount(outer: 1, inner: nw),
      from: LineSet(base: source, outerStep: 0, innerStep: step, step: nw &* step), to: columns)
  }
  switch block.tile.width {
  case 2: outputLines(Tile2.self, block, place, sink, &gathered)
  case 4: outputLines(Tile4.self, block, place, sink, &gathered)
  case 6: outputLines(Tile6.self, block, place, sink, &gathered)
  default: outputLines(Tile1.self, block, place, sink, &gathered)
  }
}

/// A tile's lines along the width, from the scratch into the tensor.
private func outputLines<Tile: AxisTile>(
  _ tile: Tile.Type, _ block: WinogradBlock, _ place: TilePlace, _ sink: TileSink,
  _ gathered: inout some Gathering
) {
  let depths = min(block.tile.depth, block.grid.depth &- place.depth)
  let heights = min(block.tile.height, block.grid.height &- place.height)
  let widths = min(Tile.results, block.grid.width &- place.width)
  for d in 0..<depths {
    var line = StridedLanes(
      base: block.scratch + d &* block.points.height &* Tile.points &* 16, step: 16)
    for h in 0..<heights {
      let z = place.depth &+ d
      let voxel = (z &* block.grid.height &+ place.height &+ h) &* block.grid.width &+ place.width
      var target = TileLine(sink: sink, voxel: voxel, count: widths, gathered: gathered)
      Tile.output(line, &target)
      gathered = target.gathered
      for w in 0..<widths { gathered.prefetch(voxel &+ Tile.results &+ w) }
      line.base += Tile.points &* 16
    }
  }
}

/// One line of a tile's results on its way into the tensor.
private struct TileLine<G: Gathering>: LaneSink {
  let sink: TileSink
  let voxel: Int
  /// Results that lie in the grid.
  let count: Int
  var gathered: G

  @inline(__always)
  mutating func callAsFunction(_ i: Int, _ result: Lanes) {
    if i >= count { return }
    let target = sink.base + (voxel &+ i) &* sink.stride
    // The next tile's place: a line that is written has to be fetched first.
    segfed_prefetch(target + count &* sink.stride)
    var value = result
    if sink.isAdding { value += load(target, count: sink.lanes) }
    store(value, target, count: sink.lanes)
    gathered.take(value, voxel: voxel &+ i)
  }
}
