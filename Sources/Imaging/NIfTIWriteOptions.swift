/// How a NIfTI file is laid out.
package struct NIfTIWriteOptions: Sendable, Equatable {
  package enum ByteOrder: Sendable { case little, big }

  package var dataType: NIfTIDataType
  /// Voxels are stored as round((value − intercept) / slope); the header holds both in its own precision.
  package var slope: Double
  package var intercept: Double
  /// `NIFTI_XFORM` codes; 0 leaves a form unset. With both 0 readers see voxel sizes alone.
  package var qformCode: Int
  package var sformCode: Int
  package var byteOrder: ByteOrder
  /// 1 or 2. A grid with an axis over 32767 voxels is written as NIfTI-2 whatever stands here.
  package var version: Int
  /// zlib's level for `.gz`, 1 (fast) to 9.
  package var compressionLevel: Int
  /// Volumes along the fourth axis; 1 for an ordinary scan.
  package var volumes = 1
  /// A header whose forms, codes, voxel sizes, units and version are copied as they are, instead of being
  /// made from the affine: for a prediction in its scan's own geometry.
  package var geometry: NIfTIHeader?

  package init(
    dataType: NIfTIDataType = .float32, slope: Double = 1, intercept: Double = 0, qformCode: Int = 1,
    sformCode: Int = 1, byteOrder: ByteOrder = .little, version: Int = 1, compressionLevel: Int = 6,
    geometry: NIfTIHeader? = nil
  ) {
    precondition(slope != 0 && slope.isFinite && intercept.isFinite, "a slope must be finite and not 0")
    precondition(version == 1 || version == 2, "there is NIfTI-1 and NIfTI-2")
    precondition((1...9).contains(compressionLevel), "zlib's levels are 1 to 9")
    self.dataType = dataType
    self.slope = slope
    self.intercept = intercept
    self.qformCode = qformCode
    self.sformCode = sformCode
    self.byteOrder = byteOrder
    self.version = geometry?.version ?? version
    self.compressionLevel = compressionLevel
    self.geometry = geometry
  }

  /// One byte a voxel, both forms set: label maps with values up to 255.
  package static let labels = NIfTIWriteOptions(dataType: .uint8)

  /// The same, with two bytes a voxel where the map holds a value above 255.
  package static func labels(of map: LabelVolume) -> NIfTIWriteOptions {
    var options = labels
    if map.labels.contains(where: { $0 > 255 }) { options.dataType = .uint16 }
    return options
  }
}
