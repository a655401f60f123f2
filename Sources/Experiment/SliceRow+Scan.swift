import Harmonization
import Imaging
import Pictures

extension SliceRow {
  /// A row of one scan, grey from the 1st to the 99th percentile of what is not 0, through the labels' centre of mass.
  init(_ scan: Volume, labels: LabelVolume, heat: Volume, view: SliceView) {
    self.init()
    aim(at: labels)
    let sorted = SortedValues(scan.voxels, mask: scan.voxels.map { $0 == 0 ? 0 : 1 })
    add(
      scan, labels: labels, heat: heat, black: sorted.count > 0 ? sorted.percentile(1) : 0,
      white: sorted.count > 0 ? sorted.percentile(99) : 1, view: view)
  }
}

extension CaseFiles {
  /// How slices of the case are laid out. Throws what reading the first scan's header throws.
  var view: SliceView {
    get throws {
      if PNG.isNamed(images[0].path) { return .picture }
      let header = try NIfTI.header(images[0].path)
      return header.sformCode == 0 && header.qformCode == 0 ? .doubtful : .patient
    }
  }
}
