import Foundations

/// Sorts whole numbers by 11 bits at a time: a scan has millions of values.
enum RadixSort {
  private static let digits = 2048

  static func sort(_ keys: inout [UInt32], loop: ParallelLoop) {
    var sorted = [UInt32](repeating: 0, count: keys.count)
    for shift in [0, 11, 22] as [UInt32] {
      guard let places = places(keys, shift: shift, loop: loop) else { continue }
      sorted.withUnsafeMutableBufferPointer {
        scatter(keys, shift: shift, places: places, to: $0, loop: loop)
      }
      swap(&keys, &sorted)
    }
  }

  /// Where each piece puts its first key of each digit; nil where all keys have the same digit, as the last bits
  /// of whole numbers do.
  private static func places(_ keys: [UInt32], shift: UInt32, loop: ParallelLoop) -> [Int]? {
    let pieces = Pieces(of: keys.count)
    var places = [Int](repeating: 0, count: digits * pieces.count)
    return places.withUnsafeMutableBufferPointer { places -> Bool in
      keys.withUnsafeBufferPointer { keys in
        loop.forEach(pieces.count) { piece, _ in
          let counts = places.baseAddress! + digits * piece
          for index in pieces[piece] { counts[Int(keys[index] &>> shift) & (digits - 1)] &+= 1 }
        }
      }
      var (next, isOneDigit) = (0, false)
      for digit in 0..<digits {
        let start = next
        for piece in 0..<pieces.count {
          let place = digits * piece + digit
          (places[place], next) = (next, next + places[place])
        }
        if next - start == keys.count { isOneDigit = true }
      }
      return isOneDigit
    } ? nil : places
  }

  private static func scatter(
    _ keys: [UInt32], shift: UInt32, places: [Int], to: UnsafeMutableBufferPointer<UInt32>, loop: ParallelLoop
  ) {
    let pieces = Pieces(of: keys.count)
    keys.withUnsafeBufferPointer { keys in
      loop.forEach(pieces.count) { piece, _ in
        var next = Array(places[digits * piece..<digits * (piece + 1)])
        next.withUnsafeMutableBufferPointer { next in
          for index in pieces[piece] {
            let digit = Int(keys[index] &>> shift) & (digits - 1)
            to[next[digit]] = keys[index]
            next[digit] &+= 1
          }
        }
      }
    }
  }
}
