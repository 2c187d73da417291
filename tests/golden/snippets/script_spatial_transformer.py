import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(2)


class STN(nn.Module):
    def __init__(self):
        super().__init__()
        self.localization = nn.Sequential(nn.Conv2d(1, 4, 3), nn.MaxPool2d(2, stride=2), nn.ReLU(True))
        self.fc_loc = nn.Sequential(nn.Linear(4 * 5 * 5, 8), nn.ReLU(True), nn.Linear(8, 3 * 2))
        self.fc_loc[2].weight.data.zero_()
        self.fc_loc[2].bias.data.copy_(torch.tensor([1, 0, 0, 0, 1, 0], dtype=torch.float))
        self.conv = nn.Conv2d(1, 6, kernel_size=5)
        self.drop = nn.Dropout2d(p=0.0)
        self.fc = nn.Linear(6 * 4 * 4, 3)

    def stn(self, x):
        xs = self.localization(x)
        xs = xs.view(-1, 4 * 5 * 5)
        theta = self.fc_loc(xs).view(-1, 2, 3)
        grid = F.affine_grid(theta, x.size(), align_corners=False)
        return F.grid_sample(x, grid, align_corners=False)

    def forward(self, x):
        x = self.stn(x)
        x = F.relu(F.max_pool2d(self.drop(self.conv(x)), 2))
        x = torch.flatten(x, 1)
        return F.log_softmax(self.fc(x), dim=1)


net = STN()
x = torch.rand(4, 1, 12, 12)
y = torch.tensor([0, 1, 2, 1])
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(3):
    opt.zero_grad()
    loss = F.nll_loss(net(x), y)
    loss.backward()
    opt.step()
    print(f"{loss.item():.4f}")
print(net.fc_loc[2].bias.grad.abs().sum() > 0)
with torch.no_grad():
    pred = net(x).argmax(dim=1, keepdim=True)
    correct = pred.eq(y.view_as(pred)).sum().item()
print("\nTest set: Average loss: {:.4f}, Accuracy: {}/{} ({:.0f}%)\n".format(loss.item(), correct, len(y), 100. * correct / len(y)))
# FGSM
def fgsm_attack(image, epsilon, data_grad):
    sign_data_grad = data_grad.sign()
    perturbed = image + epsilon * sign_data_grad
    return torch.clamp(perturbed, 0, 1)

x.requires_grad = True
out = net(x)
loss = F.nll_loss(out, y)
net.zero_grad()
loss.backward()
adv = fgsm_attack(x, 0.1, x.grad.data)
print((adv - x).abs().max().item() <= 0.1 + 1e-6, adv.requires_grad)
# style: gram, tv
def gram_matrix(input):
    a, b, c, d = input.size()
    features = input.view(a * b, c * d)
    G = torch.mm(features, features.t())
    return G.div(a * b * c * d)

img = torch.rand(1, 3, 4, 4, requires_grad=True)
G = gram_matrix(img)
print(G.shape, G.grad_fn.name())
tv = (img[..., 1:, :] - img[..., :-1, :]).abs().mean() + (img[..., 1:] - img[..., :-1]).abs().mean()
tv.backward()
print(img.grad.shape)
# unet-ish
up = nn.ConvTranspose2d(3, 2, 2, stride=2)
down = nn.AvgPool2d(2)
skip = torch.cat([up(down(img)), img], dim=1)
print(skip.shape)
print(F.interpolate(img, scale_factor=2, mode="bilinear", align_corners=False).shape, F.interpolate(img, size=(2, 2)).shape)
print(F.pad(torch.arange(4.).view(1, 1, 2, 2), (1, 1, 1, 1), mode="reflect") if False else F.pad(torch.arange(4.).view(2, 2), (1, 0)))
print(F.unfold(img, 2, stride=2).shape, nn.AdaptiveAvgPool2d((1, 1))(img).shape, nn.AdaptiveAvgPool2d(1)(img).flatten())
kern = torch.tensor([[-1., 0., 1.], [-2., 0., 2.], [-1., 0., 1.]]).view(1, 1, 3, 3)
print(F.conv2d(torch.arange(25.).view(1, 1, 5, 5), kern))
mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
normed = (img - mean[None, :, None, None]) / std.view(1, -1, 1, 1)
print(normed.shape, normed.grad_fn.name())
iou = lambda a, b: (a & b).sum().float() / (a | b).sum()
print(iou(torch.tensor([True, False, True]), torch.tensor([True, True, False])))
dice = 1 - 2 * (torch.sigmoid(img) * img).sum() / (img.sum() + torch.sigmoid(img).sum() + 1e-6)
print(dice.item() < 1)
print(torch.nn.functional.one_hot(torch.tensor([0, 2])), nn.PixelShuffle(2)(torch.zeros(1, 4, 2, 2)).shape)
