import Foundation
import Foundations
import Imaging
import TestSupport
import Testing

@Suite struct PNGTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
  func readsWhatPillowWrites() throws {
    _ = try PythonReference.run(script: "png_reference.py", arguments: ["write", folder.path])
    let index = try String(contentsOfFile: folder.file("index.tsv"), encoding: .utf8)
    #expect(index.split(separator: "\n").count == 16)
    for line in index.split(separator: "\n") {
      let fields = line.split(separator: "\t").map(String.init)
      let (name, channels) = (fields[0], Int(fields[4])!)
      let samples = try RawArray.doubles(folder.file(name + ".samples"))
      let size = SIMD3(Int(fields[2])!, Int(fields[3])!, 1)
      if fields[1] == "labels" {
        let labels = try PNG.readLabels(folder.file(name))
        #expect(labels.geometry.size == size)
        #expect(labels.labels == samples.map { UInt16($0) }, "\(name)")
      } else {
        let volumes = try PNG.readImage(folder.file(name))
        #expect(volumes.count == channels, "\(name)")
        for (channel, volume) in volumes.enumerated() {
          #expect(volume.geometry.size == size)
          let expected = stride(from: channel, to: samples.count, by: channels).map { Float(samples[$0]) }
          #expect(volume.voxels == expected, "\(name), channel \(channel)")
        }
      }
    }
  }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
  func pillowReadsWhatIsWritten() throws {
    let affine = Imaging.AffineTransform(spacing: .one)
    let image = SampleVolumes.ramp(SIMD3(19, 8, 1), affine: affine)
    let labels = LabelVolume(geometry: image.geometry, labels: image.voxels.map { UInt16($0) })
    try PNG.write(image, to: folder.file("grey8.png"), depth: .eight)
    try PNG.write(image, to: folder.file("grey16.png"), depth: .sixteen)
    try PNG.write(labels, to: folder.file("palette.png"), style: .palette)
    try PNG.write(labels, to: folder.file("grey.png"), style: .grey)
    var wide = labels
    wide.labels[3] = 40000
    try PNG.write(wide, to: folder.file("wide.png"), style: .palette)
    let modes = [
      ("grey8.png", "L"), ("grey16.png", "I"), ("palette.png", "P"), ("grey.png", "L"), ("wide.png", "I"),
    ]
    for (name, _) in modes {
      let values = name == "wide.png" ? wide.labels.map(Double.init) : image.voxels.map(Double.init)
      _ = try folder.write(RawArray.bytes(values), name + ".samples")
      if name != "grey8.png" && name != "grey16.png" {
        #expect(try PNG.readLabels(folder.file(name)).labels.map(Double.init) == values)
      }
    }
    let lines = modes.map { "\($0.0)\t\($0.1)\n" }.joined()
    _ = try folder.write(Data(lines.utf8), "expected.tsv")
    let output = try PythonReference.run(script: "png_reference.py", arguments: ["check", folder.path])
    #expect(String(decoding: output, as: UTF8.self) == "5\n")
    try PNG.write(labels, to: folder.file("again.png"), style: .palette)
    #expect(
      FileManager.default.contentsEqual(atPath: folder.file("again.png"), andPath: folder.file("palette.png"))
    )
  }

  @Test func damagedFilesAreDescribed() throws {
    let image = SampleVolumes.ramp(SIMD3(40, 30, 1), affine: Imaging.AffineTransform(spacing: .one))
    try PNG.write(image, to: folder.file("good.png"), depth: .eight)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file("good.png")))
    for length in 1..<bytes.count {
      let path = try folder.write(bytes.prefix(length), "cut.png")
      #expect(throws: ImagingError.self) { try PNG.readImage(path) }
    }
    for offset in bytes.indices {
      var damaged = bytes
      damaged[offset] ^= 0x55
      let path = try folder.write(damaged, "damaged.png")
      do { _ = try PNG.readImage(path) } catch { #expect(error is any DescribedError) }
    }
    let empty = try folder.write(Data(), "empty.png")
    #expect(throws: ImagingError.emptyFile(path: empty)) { try PNG.readImage(empty) }
    let text = try folder.write(Data("GIF89a and more".utf8), "text.png")
    #expect(throws: ImagingError.notPNG(path: text)) { try PNG.readLabels(text) }
    let absent = folder.file("absent.png")
    #expect(throws: FileError.notFound(path: absent)) { try PNG.readImage(absent) }
  }

  /// A chunk with its length before it and its checksum behind it.
  private func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + data
    var sum: UInt32 = 0xffff_ffff
    for byte in body {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xedb8_8320 : sum >> 1 }
    }
    func number(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
    return number(UInt32(data.count)) + body + number(~sum)
  }

  /// A few hundred kilobytes of packed text would be half a gigabyte in memory, and seconds of inflating.
  @Test func packedTextStaysPacked() throws {
    let image = SampleVolumes.ramp(SIMD3(40, 30, 1), affine: Imaging.AffineTransform(spacing: .one))
    let path = folder.file("text.png")
    try PNG.write(image, to: path, depth: .eight)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    // 7,900,000 zeros as stored by the system's gzip, put into zlib's frame with their Adler-32.
    let count = 7_900_000
    let zeros = try folder.write(Data(count: count), "zeros")
    let gzip = Process()
    gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    gzip.arguments = ["gzip", "-n", zeros]
    try gzip.run()
    gzip.waitUntilExit()
    let member = [UInt8](try Data(contentsOf: URL(fileURLWithPath: zeros + ".gz")))
    let sum = withUnsafeBytes(of: (UInt32(count % 65521) << 16 | 1).bigEndian) { Array($0) }
    let text = chunk(
      "zTXt", Array("Comment".utf8) + [0, 0, 0x78, 0x9c] + member[10..<(member.count - 8)] + sum)
    for _ in 0..<60 { bytes.insert(contentsOf: text, at: 33) }
    try bytes.write(to: URL(fileURLWithPath: path))
    func threadSeconds() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
    let before = threadSeconds()
    #expect(try PNG.readImage(path)[0].voxels == image.voxels)
    #expect(threadSeconds() - before < 0.2)
  }

  @Test func sizesAreCheckedBeforeAllocation() throws {
    let image = SampleVolumes.ramp(SIMD3(40, 30, 1), affine: Imaging.AffineTransform(spacing: .one))
    let path = folder.file("good.png")
    try PNG.write(image, to: path, depth: .eight)
    #expect(throws: ImagingError.tooLarge(path: path, bytes: 4800, ceiling: 4799)) {
      try PNG.readImage(path, limits: ReadLimits(inflatedBytes: 4799))
    }
    var claim = try Data(contentsOf: URL(fileURLWithPath: path))
    claim.replaceSubrange(8..<33, with: chunk("IHDR", [0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30] + claim[24..<29]))
    let claiming = try folder.write(claim, "claim.png")
    #expect {
      try PNG.readImage(claiming)
    } throws: { error in
      if case ImagingError.corrupt(claiming, let reason) = error {
        reason.contains("30000×30000")
      } else {
        false
      }
    }
  }
}
