import Kernels

// Rows of `regions` values lie one behind the other: 16 rows are as many registers as there are regions, and in each
// of those every lane stands for one region, whatever the rows.

extension CompiledKernels {
  package static func accumulateRegions(
    _ logits: UnsafePointer<Float>, targets: UnsafePointer<UInt8>, rows: Int, regions: Int,
    membership: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    into probabilities: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Double>
  ) -> Double {
    var entropy = 0.0
    var row = 0
    while row < rows {
      let first = row &* regions
      let part = RegionRows(
        targets: targets + row, rows: min(512, rows &- row), regions: regions, membership: membership)
      for register in 0..<regions {
        entropy += part.accumulate(
          register, logits + first, weights: weights, into: probabilities + first, sums: sums)
      }
      row &+= 512
    }
    return entropy
  }

  package static func regionGradient(
    _ probabilities: UnsafeMutablePointer<Float>, targets: UnsafePointer<UInt8>, rows: Int, regions: Int,
    membership: UnsafePointer<Float>, slope: UnsafePointer<Float>, bonus: UnsafePointer<Float>,
    weights: UnsafePointer<Float>, weight: Float
  ) {
    var row = 0
    while row < rows {
      let part = RegionRows(
        targets: targets + row, rows: min(512, rows &- row), regions: regions, membership: membership)
      for register in 0..<regions {
        part.differentiate(
          register, probabilities + row &* regions, slope: slope, bonus: bonus, weights: weights,
          weight: weight)
      }
      row &+= 512
    }
  }
}

/// Up to 512 rows: their sums are taken in single precision, and added up in double.
private struct RegionRows {
  let targets: UnsafePointer<UInt8>
  let rows: Int
  let regions: Int
  let membership: UnsafePointer<Float>

  /// The `register`-th register of each 16 rows; returns the binary cross-entropy.
  @inline(__always)
  func accumulate(
    _ register: Int, _ logits: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    into probabilities: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Double>
  ) -> Double {
    let weight = spread(weights, register)
    var predicted = Lanes(repeating: 0)
    var reference = Lanes(repeating: 0)
    var overlap = Lanes(repeating: 0)
    var entropies = Lanes(repeating: 0)
    var row = 0
    while row < rows {
      let place = row &* regions &+ register &* 16
      let lanes = min(16, rows &* regions &- place)
      if lanes <= 0 { break }
      let z = load(logits + place, count: lanes)
      let g = inside(row, register, lanes)
      let magnitude = z.replacing(with: -z, where: z .< 0)
      let e = exponential(-magnitude)
      let whole = 1 + e
      let p = e.replacing(with: 1, where: z .>= 0) / whole
      store(p, probabilities + place, count: lanes)
      // log(1 + e), with what rounding 1 + e took away.
      let softplus = logarithm(whole) - ((whole - 1) - e) / whole
      let outside = softplus + z.replacing(with: 0, where: z .< 0)
      let within = weight * (softplus + (-z).replacing(with: 0, where: z .>= 0))
      let entropy = outside.replacing(with: within, where: g .> 0)
      let (kept, lost) = lanes < 16 ? (first(lanes, p), first(lanes, entropy)) : (p, entropy)
      predicted += kept
      reference += g
      overlap = fma(overlap, kept, g)
      entropies += lost
      row &+= 16
    }
    var region = register &* 16 % regions
    var entropy = 0.0
    for lane in 0..<16 {
      sums[region] += Double(predicted[lane])
      sums[regions &+ region] += Double(reference[lane])
      sums[2 &* regions &+ region] += Double(overlap[lane])
      entropy += Double(entropies[lane])
      region = region &+ 1 == regions ? 0 : region &+ 1
    }
    return entropy
  }

  /// See `regionGradient`; the `register`-th register of each 16 rows.
  @inline(__always)
  func differentiate(
    _ register: Int, _ probabilities: UnsafeMutablePointer<Float>, slope: UnsafePointer<Float>,
    bonus: UnsafePointer<Float>, weights: UnsafePointer<Float>, weight: Float
  ) {
    let (slope, bonus) = (spread(slope, register), spread(bonus, register))
    let weights = spread(weights, register)
    var row = 0
    while row < rows {
      let place = row &* regions &+ register &* 16
      let lanes = min(16, rows &* regions &- place)
      if lanes <= 0 { break }
      let p = load(probabilities + place, count: lanes)
      let g = inside(row, register, lanes)
      let rest = 1 - p
      let entropy = fma((1 - g) * p, -(g * weights), rest)
      store(
        fma(entropy * weight, p * rest, fma(slope, g, bonus)), probabilities + place, count: lanes)
      row &+= 16
    }
  }

  /// Whether the rows' classes are of the lanes' regions, 1 or 0, for the first `lanes` lanes of a register of the 16 rows from `row`.
  @inline(__always)
  private func inside(_ row: Int, _ register: Int, _ lanes: Int) -> Lanes {
    var value = Lanes(repeating: 0)
    var place = row &+ register &* 16 / regions
    var region = register &* 16 % regions
    for lane in 0..<lanes {
      value[lane] = membership[Int(targets[place]) &* regions &+ region]
      region &+= 1
      if region == regions {
        region = 0
        place &+= 1
      }
    }
    return value
  }

  /// Each region's value in the lanes of a register that stand for it.
  @inline(__always)
  private func spread(_ values: UnsafePointer<Float>, _ register: Int) -> Lanes {
    var value = Lanes(repeating: 0)
    for lane in 0..<16 { value[lane] = values[(register &* 16 &+ lane) % regions] }
    return value
  }

  /// The first lanes, zeros behind them.
  @inline(__always)
  private func first(_ count: Int, _ lanes: Lanes) -> Lanes {
    var value = lanes
    for lane in count..<16 { value[lane] = 0 }
    return value
  }
}
