import Foundations

/// The discrete Fourier transform of a power of two complex numbers (Cooley & Tukey 1965), the same bits everywhere.
package struct FourierTransform: Sendable {
  let count: Int
  private let cosines: [Double]
  private let sines: [Double]
  private let reversed: [Int]

  /// `count` is a power of two.
  package init(count: Int) {
    precondition(count > 1 && count & (count - 1) == 0, "a power of two")
    self.count = count
    let angles = (0..<count / 2).map { 2 * Double.pi * Double($0) / Double(count) }
    cosines = angles.map(PortableMath.cos)
    sines = angles.map(PortableMath.sin)
    let shift = UInt.bitWidth - count.trailingZeroBitCount
    reversed = (0..<count).map { Int(UInt($0).bitReversed >> UInt(shift)) }
  }

  /// Σₙ xₙ · e^(−2πi·kn/count).
  package func forward(_ x: ComplexNumbers) -> ComplexNumbers { transformed(x, sign: -1) }

  /// The way back, with its factor 1/count.
  package func inverse(_ x: ComplexNumbers) -> ComplexNumbers {
    let result = transformed(x, sign: 1)
    let factor = 1 / Double(count)
    return ComplexNumbers(
      real: result.real.map { $0 * factor }, imaginary: result.imaginary.map { $0 * factor })
  }

  private func transformed(_ x: ComplexNumbers, sign: Double) -> ComplexNumbers {
    precondition(x.real.count == count && x.imaginary.count == count, "as many numbers as the transform has")
    var result = ComplexNumbers(
      real: reversed.map { x.real[$0] }, imaginary: reversed.map { x.imaginary[$0] })
    result.real.withUnsafeMutableBufferPointer { real in
      result.imaginary.withUnsafeMutableBufferPointer { imaginary in
        var half = 1
        while half < count {
          let step = count / (2 * half)
          for block in stride(from: 0, to: count, by: 2 * half) {
            for index in 0..<half {
              let (c, s) = (cosines[index * step], sign * sines[index * step])
              let (a, b) = (block + index, block + index + half)
              let (u, v) = (real[b] * c - imaginary[b] * s, real[b] * s + imaginary[b] * c)
              (real[b], imaginary[b]) = (real[a] - u, imaginary[a] - v)
              (real[a], imaginary[a]) = (real[a] + u, imaginary[a] + v)
            }
          }
          half *= 2
        }
      }
    }
    return result
  }
}

/// Complex numbers, their parts apart.
package struct ComplexNumbers: Sendable {
  package var real: [Double]
  package var imaginary: [Double]

  package init(real: [Double], imaginary: [Double]) {
    self.real = real
    self.imaginary = imaginary
  }
}

extension UInt {
  fileprivate var bitReversed: UInt {
    (0..<UInt.bitWidth).reduce(0) { $0 | ((self >> UInt($1)) & 1) << UInt(UInt.bitWidth - 1 - $1) }
  }
}
