import Kernels

extension CompiledKernels {
  package static func maxPool(
    _ pool: PoolBlock, source: TensorRead, lines: Range<Int>, into target: TensorWrite
  ) {
    let width = pool.input.width / pool.window.width
    for line in lines {
      let place = PoolLine(pool, line)
      var channel = 0
      while channel < pool.channels {
        let lanes = min(16, pool.channels &- channel)
        let norm =
          source.terms(sample: place.sample).map { LaneNorm($0, channel: channel, lanes: lanes) } ?? .identity
        for x in 0..<width {
          var top = Lanes(repeating: -.infinity)
          for d in 0..<pool.window.depth {
            for h in 0..<pool.window.height {
              let voxel = place.voxel(pool, d, h) &+ x &* pool.window.width
              for w in 0..<pool.window.width {
                let z = load(source.base + ((voxel &+ w) &* source.stride &+ channel), count: lanes)
                let value = norm.read(z)
                top.replace(with: value, where: value .> top)
              }
            }
          }
          store(top, target.base + ((line &* width &+ x) &* target.stride &+ channel), count: lanes)
        }
        channel &+= 16
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
      var channel = 0
      while channel < pool.channels {
        let lanes = min(16, pool.channels &- channel)
        let norm =
          source.terms(sample: place.sample).map { LaneNorm($0, channel: channel, lanes: lanes) } ?? .identity
        var sum = Lanes(repeating: 0)
        var products = Lanes(repeating: 0)
        for x in 0..<width {
          let dy = load(gradient + ((line &* width &+ x) &* gradientStride &+ channel), count: lanes)
          // The first maximum of the window, as PyTorch counts it.
          var top = Lanes(repeating: -.infinity)
          var winner = SIMD16<Int32>(repeating: -1)
          var index: Int32 = 0
          for d in 0..<pool.window.depth {
            for h in 0..<pool.window.height {
              let voxel = place.voxel(pool, d, h) &+ x &* pool.window.width
              for w in 0..<pool.window.width {
                let z = load(source.base + ((voxel &+ w) &* source.stride &+ channel), count: lanes)
                let value = norm.read(z)
                let isHigher = value .> top
                top.replace(with: value, where: isHigher)
                winner.replace(with: SIMD16<Int32>(repeating: index), where: isHigher)
                index &+= 1
              }
            }
          }
          index = 0
          for d in 0..<pool.window.depth {
            for h in 0..<pool.window.height {
              let voxel = place.voxel(pool, d, h) &+ x &* pool.window.width
              for w in 0..<pool.window.width {
                let out = target.base + ((voxel &+ w) &* target.stride &+ channel)
                var value = Lanes(repeating: 0).replacing(
                  with: dy, where: winner .== SIMD16<Int32>(repeating: index))
                if isAdding { value += load(out, count: lanes) }
                store(value, out, count: lanes)
                let z = load(source.base + ((voxel &+ w) &* source.stride &+ channel), count: lanes)
                let dz = norm.beforeActivation(z, value)
                sum += dz
                products = fma(products, dz, z - norm.mean)
                index &+= 1
              }
            }
          }
        }
        if let sums {
          add(sum, to: sums + channel, count: lanes)
          add(products, to: sums + (pool.channels &+ channel), count: lanes)
        }
        channel &+= 16
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
