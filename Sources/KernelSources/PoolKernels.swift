import CProcessor
import Kernels

extension CompiledKernels {
  package static func maxPool(
    _ pool: PoolBlock, source: TensorRead, lines: Range<Int>, into target: TensorWrite
  ) {
    let width = pool.input.width / pool.window.width
    for line in lines {
      let place = PoolLine(pool, line)
      let terms = source.terms(sample: place.sample)
      eachBlock(width: width, channels: pool.channels) { places, channel, lanes in
        let norm = terms.map { LaneNorm($0, channel: channel, lanes: lanes) } ?? .identity
        for x in places {
          var top = Lanes(repeating: -.infinity)
          eachVoxel(pool, place, x) { voxel, _ in
            let from = source.base + (voxel &* source.stride &+ channel)
            // Lines of a joined tensor have gaps, which the CPU does not foresee.
            segfed_prefetch(from + 32 &* source.stride)
            let value = norm.read(load(from, count: lanes))
            top.replace(with: value, where: value .> top)
          }
          store(top, target.base + ((line &* width &+ x) &* target.stride &+ channel), count: lanes)
        }
      }
    }
  }

  package static func maxPoolGradient(
    _ pool: PoolBlock, source: TensorRead, lines: Range<Int>, gradient: UnsafePointer<Float>,
    gradientStride: Int, into target: TensorWrite, isAdding: Bool, sums: UnsafeMutablePointer<Double>?
  ) {
    let width = pool.input.width / pool.window.width
    for line in lines {
      let place = PoolLine(pool, line)
      let terms = source.terms(sample: place.sample)
      eachBlock(width: width, channels: pool.channels) { places, channel, lanes in
        let norm = terms.map { LaneNorm($0, channel: channel, lanes: lanes) } ?? .identity
        var sum = Lanes(repeating: 0)
        var products = Lanes(repeating: 0)
        for x in places {
          let dy = load(gradient + ((line &* width &+ x) &* gradientStride &+ channel), count: lanes)
          // The first maximum of the window, as PyTorch counts it.
          var top = Lanes(repeating: -.infinity)
          var winner = SIMD16<Int32>(repeating: -1)
          eachVoxel(pool, place, x) { voxel, index in
            let value = norm.read(load(source.base + (voxel &* source.stride &+ channel), count: lanes))
            let isHigher = value .> top
            top.replace(with: value, where: isHigher)
            winner.replace(with: SIMD16<Int32>(repeating: index), where: isHigher)
          }
          eachVoxel(pool, place, x) { voxel, index in
            let out = target.base + (voxel &* target.stride &+ channel)
            var value = Lanes(repeating: 0).replacing(
              with: dy, where: winner .== SIMD16<Int32>(repeating: index))
            if isAdding { value += load(out, count: lanes) }
            store(value, out, count: lanes)
            let z = load(source.base + (voxel &* source.stride &+ channel), count: lanes)
            let dz = norm.beforeActivation(z, value)
            sum += dz
            products = fma(products, dz, z - norm.mean)
          }
        }
        if let sums {
          add(sum, to: sums + channel, count: lanes)
          add(products, to: sums + (pool.channels &+ channel), count: lanes)
        }
      }
    }
  }
}

extension CompiledKernels {
  package static func averagePool(
    _ pool: PoolBlock, source: TensorRead, lines: Range<Int>, into target: TensorWrite
  ) {
    let width = pool.input.width / pool.window.width
    let share = pool.share
    for line in lines {
      let place = PoolLine(pool, line)
      let terms = source.terms(sample: place.sample)
      eachBlock(width: width, channels: pool.channels) { places, channel, lanes in
        let norm = terms.map { LaneNorm($0, channel: channel, lanes: lanes) } ?? .identity
        for x in places {
          var sum = Lanes(repeating: 0)
          eachVoxel(pool, place, x) { voxel, _ in
            let from = source.base + (voxel &* source.stride &+ channel)
            segfed_prefetch(from + 32 &* source.stride)
            sum += norm.read(load(from, count: lanes))
          }
          store(sum * share, target.base + ((line &* width &+ x) &* target.stride &+ channel), count: lanes)
        }
      }
    }
  }

  package static func averagePoolGradient(
    _ pool: PoolBlock, lines: Range<Int>, gradient: UnsafePointer<Float>, gradientStride: Int,
    into target: TensorWrite
  ) {
    let width = pool.input.width / pool.window.width
    let share = pool.share
    for line in lines {
      let place = PoolLine(pool, line)
      eachBlock(width: width, channels: pool.channels) { places, channel, lanes in
        for x in places {
          let from = gradient + ((line &* width &+ x) &* gradientStride &+ channel)
          let value = load(from, count: lanes) * share
          eachVoxel(pool, place, x) { voxel, _ in
            let out = target.base + (voxel &* target.stride &+ channel)
            store(target.isAdding ? value + load(out, count: lanes) : value, out, count: lanes)
          }
        }
      }
    }
  }
}

extension PoolBlock {
  /// One voxel's share of a window.
  fileprivate var share: Lanes {
    Lanes(repeating: 1 / Float(window.depth &* window.height &* window.width))
  }
}

/// Calls `body` for 16 channels of up to 16 places of a line at a time.
@inline(__always)
private func eachBlock(width: Int, channels: Int, _ body: (Range<Int>, _ channel: Int, _ lanes: Int) -> Void)
{
  var x = 0
  while x < width {
    let end = min(x &+ 16, width)
    var channel = 0
    while channel < channels {
      body(x..<end, channel, min(16, channels &- channel))
      channel &+= 16
    }
    x = end
  }
}

/// Calls `body` for each voxel of a window, with its number.
@inline(__always)
private func eachVoxel(_ pool: PoolBlock, _ place: PoolLine, _ x: Int, _ body: (_ voxel: Int, Int32) -> Void)
{
  var index: Int32 = 0
  for d in 0..<pool.window.depth {
    for h in 0..<pool.window.height {
      let voxel = place.voxel(pool, d, h) &+ x &* pool.window.width
      for w in 0..<pool.window.width {
        body(voxel &+ w, index)
        index &+= 1
      }
    }
  }
}

/// One line of a pool's output.
private struct PoolLine {
  let sample: Int
  private let depth: Int
  private let height: Int

  @inline(__always)
  init(_ pool: PoolBlock, _ line: Int) {
    let heights = pool.input.height / pool.window.height
    let depths = pool.input.depth / pool.window.depth
    height = line % heights
    depth = line / heights % depths
    sample = line / heights / depths
  }

  /// The first input voxel of line (d, h) of the windows.
  @inline(__always)
  func voxel(_ pool: PoolBlock, _ d: Int, _ h: Int) -> Int {
    let z = sample &* pool.input.depth &+ depth &* pool.window.depth &+ d
    return (z &* pool.input.height &+ height &* pool.window.height &+ h) &* pool.input.width
  }
}
