import Harmonization
import Imaging
import Pictures

extension SliceRow {
  /// A row of one scan through the labels' centre of mass.
  init(_ scan: Volume, labels: LabelVolume, heat: Volume, view: SliceView) {
    self.init()
    aim(at: labels)
    let grey = scan.greyWindow
    add(scan, labels: labels, heat: heat, black: grey.black, white: grey.white, view: view)
  }
}

extension Volume {
  /// What is shown black and white: the 1st and the 99th percentile of what is not 0.
  var greyWindow: (black: Double, white: Double) {
    let sorted = SortedValues(voxels, mask: voxels.map { $0 == 0 ? 0 : 1 })
    return sorted.count > 0 ? (sorted.percentile(1), sorted.percentile(99)) : (0, 1)
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
