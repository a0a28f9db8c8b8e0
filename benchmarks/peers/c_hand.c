/* A training step of a fully connected network, and a few derivatives, by hand.

   Weights are stored inputs x neurons, so that the innermost loops run over neighbours in memory,
   each layer's biases behind them. The sizes are constants of the compilation. */

#include <math.h>
#include <string.h>

#ifdef SIZES
static const int sizes[] = {SIZES};

enum output { SIGMOID, HINGE, SOFTMAX };

/* The loss of a row; its gradient in the outputs takes the place of these. */
static inline double output_loss(enum output kind, double *z, double t) {
    const int n = sizes[LAYERS];
    if (kind == HINGE) {
        const double margin = 1.0 - t * z[0];
        z[0] = margin > 0.0 ? -t : 0.0;
        return margin > 0.0 ? margin : 0.0;
    }
    if (kind == SIGMOID) {
        const double y = z[0];
        z[0] = y - t;
        return -log(t > 0.5 ? y : 1.0 - y);
    }
    double top = z[0], total = 0.0;
    for (int j = 1; j < n; j++) top = z[j] > top ? z[j] : top;
    const double right = z[(int)t] - top;
    for (int j = 0; j < n; j++) total += z[j] = exp(z[j] - top);
    for (int j = 0; j < n; j++) z[j] /= total;
    z[(int)t] -= 1.0;
    return log(total) - right;
}

/* Four rows at a time, so that each weight and each gradient is loaded once for all of them. */
#define BLOCK 4

static inline double step(enum output kind, double *restrict p, const double *restrict x,
                          const double *t, double lr, double decay) {
    static double gradient[COUNT], h[LAYERS + 1][BLOCK][WIDEST], d[2][BLOCK][WIDEST];
    double loss = 0.0;
    memset(gradient, 0, sizeof gradient);
    for (int row = 0; row < ROWS; row += BLOCK) {
        const double *restrict w = p;
        for (int r = 0; r < BLOCK; r++) {
            const int own = row + r < ROWS ? row + r : ROWS - 1;
            memcpy(h[0][r], x + own * sizes[0], sizes[0] * sizeof(double));
        }
        for (int l = 0; l < LAYERS; l++) {
            const int nin = sizes[l], nout = sizes[l + 1];
            double(*restrict out)[WIDEST] = h[l + 1];
            double(*restrict in)[WIDEST] = h[l];
            for (int r = 0; r < BLOCK; r++) memcpy(out[r], w + nin * nout, nout * sizeof(double));
            for (int i = 0; i < nin; i++)
                for (int j = 0; j < nout; j++) {
                    const double weight = w[i * nout + j];
                    out[0][j] += in[0][i] * weight;
                    out[1][j] += in[1][i] * weight;
                    out[2][j] += in[2][i] * weight;
                    out[3][j] += in[3][i] * weight;
                }
            for (int r = 0; r < BLOCK; r++)
                for (int j = 0; j < nout; j++)
                    if (kind == SIGMOID)
                        out[r][j] = 1.0 / (1.0 + exp(-out[r][j]));
                    else if (l < LAYERS - 1)
                        out[r][j] = out[r][j] > 0.0 ? out[r][j] : 0.0;
            w += (nin + 1) * nout;
        }
        double(*restrict flow)[WIDEST] = h[LAYERS], (*restrict below)[WIDEST] = d[0];
        for (int r = 0; r < BLOCK; r++)
            if (row + r < ROWS)
                loss += output_loss(kind, flow[r], t[row + r]);
            else
                memset(flow[r], 0, sizeof flow[r]);
        double *restrict g = gradient + COUNT;
        for (int l = LAYERS - 1; l >= 0; l--) {
            const int nin = sizes[l], nout = sizes[l + 1];
            double(*restrict in)[WIDEST] = h[l];
            g -= (nin + 1) * nout;
            w -= (nin + 1) * nout;
            for (int j = 0; j < nout; j++)
                g[nin * nout + j] += flow[0][j] + flow[1][j] + flow[2][j] + flow[3][j];
            for (int i = 0; i < nin; i++) {
                const double a = in[0][i], b = in[1][i], c = in[2][i], e = in[3][i];
                for (int j = 0; j < nout; j++)
                    g[i * nout + j] +=
                        a * flow[0][j] + b * flow[1][j] + c * flow[2][j] + e * flow[3][j];
                for (int r = 0; l > 0 && r < BLOCK; r++) {
                    const double y = in[r][i];
                    double sum = 0.0;
#pragma omp simd reduction(+ : sum)
                    for (int j = 0; j < nout; j++) sum += w[i * nout + j] * flow[r][j];
                    below[r][i] = kind == SIGMOID ? sum * y * (1.0 - y) : y > 0.0 ? sum : 0.0;
                }
            }
            flow = below;
            below = d[(LAYERS - l) & 1];
        }
    }
    double squares = 0.0;
    if (decay > 0.0)
        for (int k = 0; k < COUNT; k++) squares += p[k] * p[k];
    const double rate = lr / ROWS, kept = 1.0 - 2.0 * lr * decay;
    for (int k = 0; k < COUNT; k++) p[k] = kept * p[k] - rate * gradient[k];
    return loss / ROWS + decay * squares;
}

double sigmoid_step(double *p, double *x, double *t, double lr, double decay) {
    return step(SIGMOID, p, x, t, lr, decay);
}

double hinge_step(double *p, double *x, double *t, double lr, double decay) {
    return step(HINGE, p, x, t, lr, decay);
}

double softmax_step(double *p, double *x, double *t, double lr, double decay) {
    return step(SOFTMAX, p, x, t, lr, decay);
}
#endif

double rosenbrock(const double *restrict x, int n, double *restrict g) {
    double value = 0.0;
    g[0] = 0.0;
    for (int i = 0; i < n - 1; i++) {
        const double r = x[i + 1] - x[i] * x[i], a = 1.0 - x[i];
        value += 100.0 * r * r + a * a;
        g[i] += -400.0 * x[i] * r - 2.0 * a;
        g[i + 1] = 200.0 * r;
    }
    return value;
}

double hessian(const double *restrict x, int n, double *restrict out) {
    double shares[n], total = 0.0, top = x[0];
    for (int i = 1; i < n; i++) top = x[i] > top ? x[i] : top;
    for (int i = 0; i < n; i++) total += shares[i] = exp(x[i] - top);
    for (int i = 0; i < n; i++) shares[i] /= total;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) out[i * n + j] = -shares[i] * shares[j];
        out[i * n + i] += shares[i];
    }
    for (int i = 0; i < n - 1; i++) {
        out[i * n + i] += 1200.0 * x[i] * x[i] - 400.0 * x[i + 1] + 2.0;
        out[(i + 1) * n + i + 1] += 200.0;
        out[i * n + i + 1] -= 400.0 * x[i];
        out[(i + 1) * n + i] -= 400.0 * x[i];
    }
    return out[0];
}

double chain(double x, double factor, double term, int turns, double *slope) {
    double g = 1.0;
    for (int i = 0; i < turns; i++) x = x * factor + term;
    for (int i = 0; i < turns; i++) g *= factor;
    *slope = g;
    return x;
}
