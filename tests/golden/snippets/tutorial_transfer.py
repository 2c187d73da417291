import torch, copy, time
import torch.nn as nn
import torch.optim as optim
from collections import OrderedDict
torch.manual_seed(0)
backbone = nn.Sequential(OrderedDict([('conv', nn.Conv2d(3, 4, 3, padding=1)), ('relu', nn.ReLU()), ('pool', nn.AdaptiveAvgPool2d(1)), ('flat', nn.Flatten())]))
class Model(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.fc = nn.Linear(4, 10)
    def forward(self, x):
        return self.fc(self.backbone(x))
model_ft = Model(backbone)
for param in model_ft.parameters():
    param.requires_grad = False
num_ftrs = model_ft.fc.in_features
model_ft.fc = nn.Linear(num_ftrs, 2)
for name, p in model_ft.named_parameters():
    print(name, p.requires_grad)
optimizer = optim.SGD(filter(lambda p: p.requires_grad, model_ft.parameters()), lr=0.1, momentum=0.9)
scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.1)
criterion = nn.CrossEntropyLoss()
data = {'train': (torch.randn(8, 3, 6, 6), torch.randint(0, 2, (8,))), 'val': (torch.randn(4, 3, 6, 6), torch.randint(0, 2, (4,)))}
def train_model(model, criterion, optimizer, scheduler, num_epochs=25):
    since = time.time()
    best_model_wts = copy.deepcopy(model.state_dict())
    best_acc = 0.0
    for epoch in range(num_epochs):
        print(f'Epoch {epoch}/{num_epochs - 1}')
        print('-' * 10)
        for phase in ['train', 'val']:
            if phase == 'train':
                model.train()
            else:
                model.eval()
            inputs, labels = data[phase]
            optimizer.zero_grad()
            with torch.set_grad_enabled(phase == 'train'):
                outputs = model(inputs)
                _, preds = torch.max(outputs, 1)
                loss = criterion(outputs, labels)
                if phase == 'train':
                    loss.backward()
                    optimizer.step()
            running_loss = loss.item() * inputs.size(0)
            running_corrects = torch.sum(preds == labels.data)
            if phase == 'train':
                scheduler.step()
            epoch_acc = running_corrects.double() / len(inputs)
            print(f'{phase} Loss: {running_loss:.4f} Acc: {epoch_acc:.4f}')
            if phase == 'val' and epoch_acc > best_acc:
                best_acc = epoch_acc
                best_model_wts = copy.deepcopy(model.state_dict())
    time_elapsed = time.time() - since
    print(f'Best val Acc: {best_acc:4f}')
    model.load_state_dict(best_model_wts)
    return model
m = train_model(model_ft, criterion, optimizer, scheduler, 3)
print("Model's state_dict:")
for param_tensor in m.state_dict():
    print(param_tensor, "\t", m.state_dict()[param_tensor].size())
print("Optimizer's state_dict:")
sd = optimizer.state_dict()
for var_name in sd:
    print(var_name, "\t", sd[var_name])
m2 = Model(copy.deepcopy(backbone)); m2.fc = nn.Linear(4, 2)
print(m2.load_state_dict(m.state_dict()))
m2.eval()
print(torch.equal(m2(data['val'][0]), m(data['val'][0])))
print(m.state_dict().keys())
optimizer = optim.AdamW([{'params': m.backbone.parameters()}, {'params': m.fc.parameters(), 'lr': 1e-3}], lr=1e-2, weight_decay=0.01)
print(optimizer)
m.requires_grad_(True)
print(sum(p.numel() for p in m.parameters()))
m.fc = nn.Identity()
print(m)
