import Kernels

// Sums of up to 32 rows are taken in single precision, their sum in double, always in the same order.

extension CompiledKernels {
  package static func accumulateMoments(
    _ x: UnsafePointer<Float>, stride: Int, rows: Int, channels: Int, sums: UnsafeMutablePointer<Double>
  ) {
    var row = 0
    while row < rows {
      let end = min(row &+ 32, rows)
      var channel = 0
      while channel < channels {
        let lanes = min(16, channels &- channel)
        var sum = Lanes(repeating: 0)
        var squares = Lanes(repeating: 0)
        for r in row..<end {
          let value = load(x + (r &* stride &+ channel), count: lanes)
          sum += value
          squares = fma(squares, value, value)
        }
        add(sum, to: sums + channel, count: lanes)
        add(squares, to: sums + (channels &+ channel), count: lanes)
        channel &+= 16
      }
      row = end
    }
  }

  package static func accumulateNormGradient(
    _ x: UnsafePointer<Float>, stride: Int, gradient: UnsafePointer<Float>, gradientStride: Int, rows: Int,
    channels: Int, norm: NormTerms, sums: UnsafeMutablePointer<Double>
  ) {
    var row = 0
    while row < rows {
      let end = min(row &+ 32, rows)
      var channel = 0
      while channel < channels {
        let lanes = min(16, channels &- channel)
        let terms = LaneNorm(norm, channel: channel, lanes: lanes)
        var sum = Lanes(repeating: 0)
        var products = Lanes(repeating: 0)
        for r in row..<end {
          let value = load(x + (r &* stride &+ channel), count: lanes)
          let dz = terms.beforeActivation(
            value, load(gradient + (r &* gradientStride &+ channel), count: lanes))
          sum += dz
          products = fma(products, dz, value - terms.mean)
        }
        add(sum, to: sums + channel, count: lanes)
        add(products, to: sums + (channels &+ channel), count: lanes)
        channel &+= 16
      }
      row = end
    }
  }

  package static func normInputGradient(
    _ x: UnsafePointer<Float>, stride: Int, gradient: UnsafeMutablePointer<Float>, gradientStride: Int,
    rows: Int, channels: Int, norm: NormTerms
  ) {
    eachBlock(rows: rows, channels: channels) { rows, channel, lanes in
      let terms = LaneNorm(norm, channel: channel, lanes: lanes)
      for r in rows {
        let out = gradient + (r &* gradientStride &+ channel)
        let value = load(x + (r &* stride &+ channel), count: lanes)
        store(terms.beforeNorm(value, load(out, count: lanes)), out, count: lanes)
      }
    }
  }

  package static func readRows(
    _ source: UnsafePointer<Float>, stride: Int, rows: Int, channels: Int, norm: NormTerms?,
    into target: UnsafeMutablePointer<Float>, targetStride: Int
  ) {
    eachBlock(rows: rows, channels: channels) { rows, channel, lanes in
      if let norm {
        let terms = LaneNorm(norm, channel: channel, lanes: lanes)
        for r in rows {
          let value = terms.read(load(source + (r &* stride &+ channel), count: lanes))
          store(value, target + (r &* targetStride &+ channel), count: lanes)
        }
      } else {
        for r in rows {
          let value = load(source + (r &* stride &+ channel), count: lanes)
          store(value, target + (r &* targetStride &+ channel), count: lanes)
        }
      }
    }
  }

  package static func addRows(
    _ a: TensorRead, _ b: TensorRead, rows: Int, channels: Int, into target: UnsafeMutablePointer<Float>,
    targetStride: Int
  ) {
    eachBlock(rows: rows, channels: channels) { rows, channel, lanes in
      let first = a.norm.map { LaneNorm($0, channel: channel, lanes: lanes) } ?? .identity
      let second = b.norm.map { LaneNorm($0, channel: channel, lanes: lanes) } ?? .identity
      for r in rows {
        let value = first.read(load(a.base + (r &* a.stride &+ channel), count: lanes))
        let other = second.read(load(b.base + (r &* b.stride &+ channel), count: lanes))
        store(value + other, target + (r &* targetStride &+ channel), count: lanes)
      }
    }
  }

  package static func addBias(
    _ x: UnsafeMutablePointer<Float>, stride: Int, rows: Int, channels: Int, bias: UnsafePointer<Float>
  ) {
    eachBlock(rows: rows, channels: channels) { rows, channel, lanes in
      let offset = load(bias + channel, count: lanes)
      for r in rows {
        let out = x + (r &* stride &+ channel)
        store(load(out, count: lanes) + offset, out, count: lanes)
      }
    }
  }

  package static func accumulateRows(
    _ x: UnsafePointer<Float>, stride: Int, rows: Int, channels: Int, sums: UnsafeMutablePointer<Double>
  ) {
    var row = 0
    while row < rows {
      let end = min(row &+ 32, rows)
      var channel = 0
      while channel < channels {
        let lanes = min(16, channels &- channel)
        var sum = Lanes(repeating: 0)
        for r in row..<end { sum += load(x + (r &* stride &+ channel), count: lanes) }
        add(sum, to: sums + channel, count: lanes)
        channel &+= 16
      }
      row = end
    }
  }
}

/// Calls `body` for 16 channels of up to 32 rows at a time: a row's memory is not left and fetched again.
@inline(__always)
private func eachBlock(rows: Int, channels: Int, _ body: (Range<Int>, _ channel: Int, _ lanes: Int) -> Void) {
  var row = 0
  while row < rows {
    let end = min(row &+ 32, rows)
    var channel = 0
    while channel < channels {
      body(row..<end, channel, min(16, channels &- channel))
      channel &+= 16
    }
    row = end
  }
}
