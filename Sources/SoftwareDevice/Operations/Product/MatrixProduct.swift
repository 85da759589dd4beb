import COpenBLAS
import Glibc

/// A matrix of floats as BLAS takes it: row-major, or transposed with a leading dimension.
// Safe to hold: only BLAS reads through it, in calls that say `unsafe`.
@safe struct Matrix {
    var base: UnsafePointer<Float>
    var isTransposed: Bool
    var leading: Int
}

/// C = α·A·B + β·C in single precision; `c` is row-major.
func multiplyMatrices(
    _ a: Matrix, _ b: Matrix, rows: Int, columns: Int, depth: Int, alpha: Float = 1,
    beta: Float = 0,
    into c: UnsafeMutablePointer<Float>, leading: Int
) {
    guard rows > 0, columns > 0 else { return }
    if depth == 0 || alpha == 0 {
        for row in 0..<rows {
            let line = unsafe c + row &* leading
            for i in 0..<columns { unsafe line[i] = unsafe beta == 0 ? 0 : line[i] * beta }
        }
        return
    }
    guard let sizes = ProductSizes(columns, depth, a.leading, b.leading, leading) else {
        return DeviceFault.report("a product of \(rows) × \(depth) × \(columns)")
    }
    _ = threadsAreSet
    // A row of `a` is a column where it is transposed.
    let step = a.isTransposed ? 1 : a.leading
    let rowsAtOnce = sizes.rowsAtOnce
    var row = 0
    while row < rows, !Cancellation.isRequested {
        let count = min(rowsAtOnce, rows &- row)
        unsafe cblas_sgemm(
            CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans,
            b.isTransposed ? CblasTrans : CblasNoTrans, blasint(count), sizes.columns,
            sizes.depth, alpha, a.base + row &* step, sizes.leadingA, b.base, sizes.leadingB, beta,
            c + row &* leading, sizes.leadingC)
        row &+= count
    }
}

/// A product's sizes as BLAS takes them, and how many rows are done at once.
private struct ProductSizes {
    let columns: blasint
    let depth: blasint
    let leadingA: blasint
    let leadingB: blasint
    let leadingC: blasint

    /// Nil where BLAS cannot count so far.
    init?(_ columns: Int, _ depth: Int, _ leadingA: Int, _ leadingB: Int, _ leadingC: Int) {
        guard let columns = blasint(exactly: columns), let depth = blasint(exactly: depth),
            let leadingA = blasint(exactly: leadingA), let leadingB = blasint(exactly: leadingB),
            let leadingC = blasint(exactly: leadingC)
        else { return nil }
        self.columns = columns
        self.depth = depth
        self.leadingA = leadingA
        self.leadingB = leadingB
        self.leadingC = leadingC
    }

    /// Multiplications between two questions whether the product is still wanted: some tenths of a
    /// second. Most products are done in one piece.
    private static let multiplicationsAtOnce = 1 << 33
    /// BLAS is slow with fewer rows.
    private static let rowsMin = 64

    var rowsAtOnce: Int {
        let perRow = max(1, Int(columns) * Int(depth))
        return min(Int(blasint.max), max(Self.rowsMin, Self.multiplicationsAtOnce / perRow))
    }
}

/// OpenBLAS uses one thread unless FLEXNPU_DEVICE_THREADS says more; it keeps small products on the
/// caller's thread either way. One thread is also what makes results independent of the machine's
/// load and size.
private let threadsAreSet: Bool = {
    let wanted =
        unsafe getenv("FLEXNPU_DEVICE_THREADS").flatMap { unsafe Int32(String(cString: $0)) } ?? 1
    openblas_set_num_threads(max(1, wanted))
    return true
}()

extension TensorView {
    /// The last two dimensions as a matrix where they lie, if they are floats with one unit stride.
    func matrixInPlace() -> Matrix? {
        guard type == .float32 else { return nil }
        let (rows, columns) = (shape[rank - 2], shape[rank - 1])
        let (down, across) = (strides[rank - 2], strides[rank - 1])
        let pointer = unsafe UnsafePointer(base.assumingMemoryBound(to: Float.self))
        if (across == 1 || columns == 1) && (down >= max(1, columns) || rows == 1) {
            return unsafe Matrix(
                base: pointer, isTransposed: false, leading: rows == 1 ? max(1, columns) : down)
        }
        if (down == 1 || rows == 1) && (across >= max(1, rows) || columns == 1) {
            return unsafe Matrix(
                base: pointer, isTransposed: true, leading: columns == 1 ? max(1, rows) : across)
        }
        return nil
    }

    /// The last two dimensions as a matrix, converted or gathered into `buffer` if need be.
    func matrix(_ buffer: UnsafeMutablePointer<Float>) -> Matrix {
        if let matrix = matrixInPlace() { return matrix }
        let (rows, columns) = (shape[rank - 2], shape[rank - 1])
        // A transposed source is gathered transposed: its neighbours stay neighbours.
        let isTransposed = strides[rank - 2] == 1 && strides[rank - 1] != 1
        let plain = keeping { $0 >= rank - 2 }
        let source = isTransposed ? plain.transposing(0, 1) : plain
        let target = unsafe TensorView(
            base: UnsafeMutableRawPointer(buffer), type: .float32,
            shape: isTransposed ? [columns, rows] : [rows, columns])
        copyElements(source, to: target)
        return unsafe Matrix(
            base: UnsafePointer(buffer), isTransposed: isTransposed,
            leading: max(1, isTransposed ? rows : columns))
    }

    /// Floats that `matrix` needs of its buffer.
    var matrixBufferCount: Int {
        matrixInPlace() == nil ? shape[rank - 2] * shape[rank - 1] : 0
    }
}
