import Foundation
import Foundations
import Harmonization
import Imaging

/// How a run reads its cases: for which plan, with which checks, how many at once, and where harmonised ones are kept.
package struct CaseReading: Sendable {
  package let plan: TrainingPlan
  package var policy = CasePolicy.strict
  /// Folder of harmonised cases, one folder in it for each site; nil keeps none.
  package var cache: String?
  /// Folder where cases lie while others are worked on, if no cache keeps them; nil: in memory.
  package var scratch: CaseScratch?
  /// Bytes that cases may take together while they are being read; nil: half of what the machine has left.
  package var memoryCeiling: Int?
  /// What was fitted to cases in an earlier run, by site and case; nil fits anew.
  package var fits: [String: [String: [ScanFit]]]?
  package let loop: ParallelLoop

  package init(plan: TrainingPlan, loop: ParallelLoop) {
    self.plan = plan
    self.loop = loop
  }

  /// Reads, checks and harmonises one case, or takes it from the cache.
  ///
  /// Throws `FileError`, `ImagingError` or `PreparationError`.
  package func prepare(_ files: CaseFiles, site: String, needsLabels: Bool, loop: ParallelLoop) throws
    -> PreparedCase
  {
    try stored(files, site: site, needsLabels: needsLabels, loop: loop).item
  }

  /// The same, and where on disk the case lies; nil where it is in memory alone.
  package func stored(
    _ files: CaseFiles, site: String, needsLabels: Bool, loop: ParallelLoop
  ) throws -> (item: PreparedCase, file: StoredCase?) {
    var known: [ScanFit]?
    if let fits {
      known = fits[site]?[files.name]
      guard known?.map(\.contrast) == plan.contrasts else {
        throw PreparationError.noFits(path: files.images[0].path, contrasts: plan.contrasts)
      }
    }
    func made() throws -> PreparedCase {
      try PreparedCase(files, plan: plan, policy: policy, needsLabels: needsLabels, fits: known, loop: loop)
    }
    guard let cache else {
      let item = try made()
      return (item, try scratch?.put(item, site: site))
    }
    if needsLabels && files.label == nil {
      throw PreparationError.noLabels(path: files.images[0].path, name: files.name)
    }
    let (item, path) = try CaseCache(folder: cache + "/" + site)
      .entry(of: files, plan: plan, policy: policy, fits: known, make: made)
    return (item, StoredCase(name: files.name, path: path))
  }

  /// Calls `body` for each case, as many side by side as threads and memory ceiling allow; results in the cases' order.
  ///
  /// A case alone has all threads. Throws the first error by index.
  package func forEach<Value: Sendable>(
    _ cases: [CaseFiles], _ body: (_ index: Int, _ loop: ParallelLoop) throws -> Value
  ) throws -> [Value] {
    let width = sideBySide(cases)
    if width == 1 { return try cases.indices.map { try body($0, loop) } }
    return try ParallelLoop(threads: width).map(cases.count) { try body($0, .serial) }
  }

  /// Cases that may be read at once.
  package func sideBySide(_ cases: [CaseFiles]) -> Int {
    let ceiling = memoryCeiling ?? MachineMemory.available().map { $0 / 2 } ?? Int.max
    let largest = cases.map(bytesWhileRead).max() ?? 0
    return max(1, min(loop.threads, cases.count, largest == 0 ? loop.threads : ceiling / largest))
  }

  /// What reading and harmonising one case takes at most, by its first scan's header: the scans as they are, turned,
  /// resampled (in Double along one axis) and side by side. 0 where the header cannot be read: reading will say why.
  func bytesWhileRead(_ files: CaseFiles) -> Int {
    guard let grid = turnedGrid(files) else { return 0 }
    let target = size(of: grid)
    let floats = MemoryLayout<Float>.stride
    return files.images.count * floats * (2 * grid.count + 2 * target.x * target.y * target.z)
  }

  /// Voxels along x, y, z that a case has at most once it is harmonised; nil where its header cannot be read.
  func harmonizedSize(_ files: CaseFiles) -> SIMD3<Int>? { turnedGrid(files).map(size) }

  private func turnedGrid(_ files: CaseFiles) -> Geometry? {
    guard let path = files.images.first?.path, !PNG.isNamed(path),
      let stored = try? NIfTI.header(path).geometry(path: path)
    else { return nil }
    return stored.affine.permutationToRAS.geometry(of: stored)
  }

  private func size(of grid: Geometry) -> SIMD3<Int> {
    plan.spacing.map { Resampling.size(of: grid, atSpacing: SIMD3($0[0], $0[1], $0[2])) } ?? grid.size
  }

  /// Throws `PreparationError.memory` where cases held in memory leave the machine none.
  package func checkRoom(for cases: [PreparedCase]) throws {
    guard cache == nil, let available = MachineMemory.available() else { return }
    if available < 256 << 20 {
      throw PreparationError.memory(
        cases: cases.count, bytes: cases.reduce(0) { $0 + $1.bytes }, available: available)
    }
  }
}
