import Foundation
import Foundations
import Harmonization
import Imaging

/// Harmonised cases on disk, one file each, named by the digest of all that they follow from: the files' bytes, contrasts,
/// spacing and settings. Other inputs or settings have another name; an entry that is damaged is made again.
package struct CaseCache: Sendable, Equatable {
  /// A folder of one site; made when the first case is kept.
  package let folder: String

  package init(folder: String) { self.folder = folder }

  /// Raised whenever the same inputs and settings would give other voxels than an earlier release's.
  static let version = 1

  /// What an entry's name is the digest of.
  private struct Key: Encodable {
    let version: Int
    let dimensions: Int
    let contrasts: [String]
    let labels: [UInt16]
    let spacing: [Double]?
    let harmonisation: HarmonizationSettings
    let resamplesLabels: Bool
    let fits: [ScanFit]?
    /// What each file is, and the SHA-256 of its bytes.
    let files: [[String]]
  }

  /// The case from its entry, or made by `make` and kept, and the entry's path. Throws what reading the files and `make` throw, and
  /// `FileError.notWritable`.
  func entry(
    of files: CaseFiles, plan: TrainingPlan, policy: CasePolicy, fits: [ScanFit]?,
    make: () throws -> PreparedCase
  ) throws -> (PreparedCase, path: String) {
    let name = Digest.hex(try key(of: files, plan: plan, policy: policy, fits: fits))
    let path = "\(folder)/\(name).case"
    if let kept = CacheEntry.read(path, name: files.name) { return (kept, path) }
    let made = try make()
    try Folder.make(folder)
    try CacheEntry.write(made, to: path)
    // What was written is what later runs read, and its memory can be given back.
    return (CacheEntry.read(path, name: files.name) ?? made, path)
  }

  /// The files that a scan is read from: a pair of header and image is two.
  private static func parts(of path: String) throws -> [String] {
    PNG.isNamed(path) ? [path] : try NIfTI.files(path)
  }

  private func key(
    of files: CaseFiles, plan: TrainingPlan, policy: CasePolicy, fits: [ScanFit]?
  ) throws -> [UInt8] {
    let roles =
      files.images.map { ("\($0.contrast) \($0.volume ?? 0)", $0.path) }
      + [files.label.map { ("label", $0) }, files.mask.map { ("mask", $0) }].compactMap { $0 }
    return Key(
      version: Self.version, dimensions: plan.dimensions, contrasts: plan.contrasts, labels: plan.labelValues,
      spacing: plan.spacing, harmonisation: plan.harmonisation, resamplesLabels: policy.resamplesLabels,
      fits: fits,
      files: try roles.map { role, path in
        try [role]
          + Self.parts(of: path).map { try MappedFile($0).withBytes { Digest.hex(Digest.sha256($0)) } }
      }
    ).canonicalDigest
  }
}
