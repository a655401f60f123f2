import Foundation
import Foundations
import Imaging

/// One damaged scan, made from its number alone, and how it is read.
struct FuzzCase {
  enum Reading: CaseIterable { case volume, volumes, labels, header, scanOfCase, labelOfCase }

  /// File names with their bytes. The first is the one that is named to the reader.
  let files: [(name: String, bytes: [UInt8])]
  let reading: Reading
  /// Nothing was damaged: the file must be read.
  let isGood: Bool

  init(number: Int, seed: UInt64, seeds: [NIfTISeed]) {
    var random = RandomStream(seed: seed, purpose: .test, sample: number)
    isGood = random.integer(below: 25) == 0
    let isPNG = random.integer(below: 10) < 3
    reading = isGood ? .volumes : Reading.allCases.any(&random)
    files =
      isPNG
      ? [("scan.png", Self.png(isGood, &random))] : Self.nifti(seeds.any(&random), isGood, &random)
  }

  private static func png(_ isGood: Bool, _ random: inout RandomStream) -> [UInt8] {
    var png = PNGSeeds.all.any(&random)
    if isGood { return png.bytes }
    if random.integer(below: 4) > 0 { for _ in 0...random.integer(below: 3) { PNGEdits.edit(&png, &random) } }
    var bytes = png.bytes
    if random.integer(below: 3) == 0 { for _ in 0...random.integer(below: 4) { bytes.damage(&random) } }
    return bytes
  }

  private static func nifti(
    _ seed: NIfTISeed, _ isGood: Bool, _ random: inout RandomStream
  ) -> [(name: String, bytes: [UInt8])] {
    var bytes = seed.bytes
    if !isGood {
      let edits = NIfTIEdits(
        version: seed.version, isBigEndian: seed.isBigEndian, headerBytes: seed.headerBytes)
      switch random.integer(below: 11) {
      case 0..<5: for _ in 0...random.integer(below: 3) { edits.edit(&bytes, &random) }
      case 5, 6: edits.resize(&bytes, &random)
      case 7, 8: for _ in 0...random.integer(below: 4) { bytes.damage(&random) }
      case 9: edits.poison(&bytes, &random)
      // What is wrong then is how it is packed or named.
      default: break
      }
    }
    func packed(_ bytes: [UInt8]) -> [UInt8] { isGood ? Gzip.member(bytes) : Gzip.packed(bytes, &random) }
    switch random.integer(below: 8) {
    case 0, 1, 2: return [("scan.nii", bytes)]
    case 3, 4, 5: return [("scan.nii.gz", packed(bytes))]
    case 6:
      let (header, image) = seed.pair(bytes)
      return [("scan.hdr", header), ("scan.img", image)]
    default:
      let (header, image) = seed.pair(bytes)
      return [("scan.img.gz", packed(image)), ("scan.hdr.gz", packed(header))]
    }
  }
}
