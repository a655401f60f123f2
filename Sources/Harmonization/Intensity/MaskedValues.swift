import Foundations

extension [Float] {
  /// Voxels where a mask is not 0, in their order; both i fastest.
  func inside(_ mask: [UInt8], loop: ParallelLoop) -> [Float] {
    precondition(count == mask.count, "a mask has as many voxels as its scan")
    let pieces = Pieces(of: mask.count)
    return mask.withUnsafeBufferPointer { mask in
      var places = [Int](unsafeUninitializedCapacity: pieces.count) { counts, initialized in
        loop.forEach(pieces.count) { piece, _ in
          var count: UInt32 = 0
          for index in pieces[piece] { count &+= UInt32(Swift.min(mask[index], 1)) }
          counts.initializeElement(at: piece, to: Int(count))
        }
        initialized = pieces.count
      }
      var total = 0
      for piece in places.indices { (places[piece], total) = (total, total + places[piece]) }
      return [Float](unsafeUninitializedCapacity: total) { values, initialized in
        withUnsafeBufferPointer { voxels in
          loop.forEach(pieces.count) { piece, _ in
            var place = places[piece]
            for index in pieces[piece] where mask[index] != 0 {
              values.initializeElement(at: place, to: voxels[index])
              place += 1
            }
          }
        }
        initialized = total
      }
    }
  }
}
