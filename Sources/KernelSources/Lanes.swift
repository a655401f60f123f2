import CProcessor
import Kernels

/// The one SIMD width of the project: a register of AVX-512, two of AVX2, four of SSE.
private typealias Lanes = SIMD16<Float>

/// This module's implementation of the kernels.
package enum CompiledKernels: KernelSet {
  #if SEGFED_AVX512
    package static var name: String { "avx512" }
  #elseif SEGFED_AVX2
    package static var name: String { "avx2" }
  #else
    package static var name: String { "portable" }
  #endif
}

@inline(__always)
private func load(_ p: UnsafePointer<Float>) -> Lanes { UnsafeRawPointer(p).loadUnaligned(as: Lanes.self) }

@inline(__always)
private func store(_ value: Lanes, _ p: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(p).storeBytes(of: value, as: Lanes.self)
}

/// The first `count` values, zeros behind them; nothing beyond them is read.
@inline(__always)
private func load(_ p: UnsafePointer<Float>, count: Int) -> Lanes {
  if count >= 16 { return load(p) }
  // Half of the lanes is what small networks' first stages have.
  if count == 8 {
    return Lanes(
      lowHalf: UnsafeRawPointer(p).loadUnaligned(as: SIMD8<Float>.self), highHalf: SIMD8(repeating: 0))
  }
  return loadPart(p, count)
}

/// Apart, so that the common case stays short where it is inlined.
@inline(never)
private func loadPart(_ p: UnsafePointer<Float>, _ count: Int) -> Lanes {
  var value = Lanes(repeating: 0)
  if count == 4 {
    value.lowHalf.lowHalf = UnsafeRawPointer(p).loadUnaligned(as: SIMD4<Float>.self)
    return value
  }
  var i = 0
  if count >= 8 {
    value.lowHalf = UnsafeRawPointer(p).loadUnaligned(as: SIMD8<Float>.self)
    i = 8
  }
  while i < count {
    value[i] = p[i]
    i &+= 1
  }
  return value
}

/// Writes the first `count` values only.
@inline(__always)
private func store(_ value: Lanes, _ p: UnsafeMutablePointer<Float>, count: Int) {
  if count >= 16 {
    store(value, p)
  } else if count == 8 {
    UnsafeMutableRawPointer(p).storeBytes(of: value.lowHalf, as: SIMD8<Float>.self)
  } else {
    storePart(value, p, count)
  }
}

@inline(never)
private func storePart(_ value: Lanes, _ p: UnsafeMutablePointer<Float>, _ count: Int) {
  if count == 4 {
    UnsafeMutableRawPointer(p).storeBytes(of: value.lowHalf.lowHalf, as: SIMD4<Float>.self)
    return
  }
  var i = 0
  if count >= 8 {
    UnsafeMutableRawPointer(p).storeBytes(of: value.lowHalf, as: SIMD8<Float>.self)
    i = 8
  }
  while i < count {
    p[i] = value[i]
    i &+= 1
  }
}

/// Adds single-precision sums to double-precision ones.
@inline(__always)
private func add(_ value: Lanes, to sums: UnsafeMutablePointer<Double>, count: Int) {
  if count >= 16 {
    let raw = UnsafeMutableRawPointer(sums)
    let low = raw.loadUnaligned(as: SIMD8<Double>.self) + SIMD8<Double>(value.lowHalf)
    let high = raw.loadUnaligned(fromByteOffset: 64, as: SIMD8<Double>.self) + SIMD8<Double>(value.highHalf)
    raw.storeBytes(of: low, as: SIMD8<Double>.self)
    raw.storeBytes(of: high, toByteOffset: 64, as: SIMD8<Double>.self)
  } else {
    for i in 0..<count { sums[i] += Double(value[i]) }
  }
}

/// a + b·c, rounded once; twice in the portable variant, whose CPU would call a function for it.
@inline(__always)
private func fma(_ a: Lanes, _ b: Lanes, _ c: Lanes) -> Lanes {
  #if SEGFED_AVX512 || SEGFED_AVX2
    segfed_fma(a, b, c)
  #else
    a + b * c
  #endif
}

/// Leaky ReLU with a slope per lane.
@inline(__always)
private func leaky(_ z: Lanes, _ slope: Lanes) -> Lanes { z.replacing(with: z * slope, where: z .< 0) }

/// The same for one value.
@inline(__always)
private func fma(_ a: Float, _ b: Float, _ c: Float) -> Float {
  #if SEGFED_AVX512 || SEGFED_AVX2
    a.addingProduct(b, c)
  #else
    a + b * c
  #endif
}
