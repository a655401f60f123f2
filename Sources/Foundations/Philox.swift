/// Philox4x32-10, the counter-based generator of Salmon et al. (SC 2011).
///
/// A pure function from a 128-bit counter and a 64-bit key to 128 random bits: there is no state to save.
package enum Philox {
  package static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var c = counter
    var k = key
    for round in 0..<10 {
      if round > 0 {
        k[0] &+= 0x9E37_79B9
        k[1] &+= 0xBB67_AE85
      }
      let (high0, low0) = UInt32(0xD251_1F53).multipliedFullWidth(by: c[0])
      let (high1, low1) = UInt32(0xCD9E_8D57).multipliedFullWidth(by: c[2])
      c = SIMD4(high1 ^ c[1] ^ k[0], low1, high0 ^ c[3] ^ k[1], low0)
    }
    return c
  }
}
